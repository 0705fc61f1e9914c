-- People and files by names that only the program can read. Owned by common/search.

-- name: search_people many
-- doc: Those that the viewer sees, the newest first; an erased person has no name to be found by.
-- see: p person
-- in: before i64, limit i64
-- out: row i64, id id, name blob
SELECT p.row, p.id, p.name FROM person p JOIN person_key k ON k.person = p.row
WHERE p.row < $before AND k.wrapped IS NOT NULL AND {see p}
ORDER BY p.row DESC LIMIT $limit;

-- name: search_person_mail many
-- see: p person
-- in: mail_hash blob, before i64
-- out: row i64, id id
SELECT p.row, p.id FROM person p JOIN person_key k ON k.person = p.row
WHERE p.mail_hash = $mail_hash AND p.row < $before AND k.wrapped IS NOT NULL AND {see p};

-- name: search_files many
-- doc: Those that the viewer sees within a thing that it sees, with the organisation that this is shown with.
-- see: f attachment
-- see: g finding
-- see: n notice
-- see: o organisation
-- see: o2 organisation
-- in: before i64, limit i64
-- out: row i64, id id, object id, name blob, wrapped blob
SELECT f.row, f.id, f.object, f.name, k.wrapped FROM attachment f JOIN file_key k ON k.file = f.row
WHERE f.row < $before AND f.state <> 'erased' AND k.wrapped IS NOT NULL AND {see f}
  AND (f.about NOT IN ('finding', 'notice')
    OR (f.about = 'finding' AND EXISTS (SELECT 1 FROM finding g JOIN organisation o ON o.row = g.owner AND {see o}
      WHERE g.row = f.parent AND {see g}))
    OR (f.about = 'notice' AND EXISTS (SELECT 1 FROM notice n JOIN organisation o2 ON o2.row = n.org AND {see o2}
      WHERE n.row = f.parent AND {see n})))
ORDER BY f.row DESC LIMIT $limit;

-- name: search_files_hash many
-- doc: By the whole SHA-256 of their bytes.
-- see: f attachment
-- see: g finding
-- see: n notice
-- see: o organisation
-- see: o2 organisation
-- in: hash blob, before i64, limit i64
-- out: row i64, id id, object id, name blob, wrapped blob
SELECT f.row, f.id, f.object, f.name, k.wrapped FROM attachment f JOIN file_key k ON k.file = f.row
WHERE f.hash = $hash AND f.row < $before AND f.state <> 'erased' AND k.wrapped IS NOT NULL AND {see f}
  AND (f.about NOT IN ('finding', 'notice')
    OR (f.about = 'finding' AND EXISTS (SELECT 1 FROM finding g JOIN organisation o ON o.row = g.owner AND {see o}
      WHERE g.row = f.parent AND {see g}))
    OR (f.about = 'notice' AND EXISTS (SELECT 1 FROM notice n JOIN organisation o2 ON o2.row = n.org AND {see o2}
      WHERE n.row = f.parent AND {see n})))
ORDER BY f.row DESC LIMIT $limit;
