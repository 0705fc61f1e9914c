-- Files that hang on records, and their keys. Owned by common/files.

-- name: file_page many
-- doc: Files of one thing that are not erased, newest first.
-- see: f attachment
-- in: about text, parent i64, before i64, limit i64
-- out: id id, version i64, object id, bytes i64, hash blob, name blob, look text, mime text?, kind text?, preview id?, state text, created time, audience i64, wrapped blob?, row i64
SELECT f.id, f.version, f.object, f.bytes, f.hash, f.name, f.look, f.mime, f.kind, f.preview, f.state, f.created, f.audience, k.wrapped, f.row
FROM attachment f LEFT JOIN file_key k ON k.file = f.row
WHERE f.about = $about AND f.parent = $parent AND f.state <> 'erased' AND f.row < $before AND {see f}
ORDER BY f.row DESC LIMIT $limit;

-- name: file_count one
-- system: a limit on how many there may be, whoever sees them
-- in: about text, parent i64
-- out: n i64
SELECT count(*) AS n FROM attachment f WHERE f.about = $about AND f.parent = $parent AND f.state <> 'erased';

-- name: file_key_find one
-- system: keys of files are common/files' own; who has the file's handle asks
-- in: file i64
-- out: wrapped blob?, destroyed time?
SELECT k.wrapped, k.destroyed FROM file_key k WHERE k.file = $file;

-- name: file_key_add exec
-- system: keys of files are common/files' own
-- in: file i64, wrapped blob
INSERT INTO file_key (file, wrapped) VALUES ($file, $wrapped);

-- name: file_objects one
-- system: a file that goes by its age goes whoever sees it
-- in: file i64
-- out: object id, preview id?, wrapped blob?
SELECT f.object, f.preview, k.wrapped FROM attachment f LEFT JOIN file_key k ON k.file = f.row WHERE f.row = $file;

-- name: file_gone exec
-- system: a file that goes by its age goes whoever sees it
-- in: file i64
DELETE FROM attachment WHERE row = $file;

-- name: file_gone_versions exec
-- system: a file that goes by its age goes whoever sees it
-- in: file i64
DELETE FROM attachment_version WHERE row = $file;

-- name: file_gone_key exec
-- system: keys of files are common/files' own
-- in: file i64
DELETE FROM file_key WHERE file = $file;

-- name: object_gone_add exec
-- system: objects of the vault are common/files' own
-- in: object id
INSERT INTO object_gone (object) VALUES ($object);

-- name: object_gone_some many
-- system: objects of the vault are common/files' own
-- in: limit i64
-- out: row i64, object id
SELECT g.row, g.object FROM object_gone g ORDER BY g.row LIMIT $limit;

-- name: object_gone_over exec
-- system: objects of the vault are common/files' own
-- in: row i64
DELETE FROM object_gone WHERE row = $row;

-- name: file_key_destroy exec
-- system: keys of files are common/files' own
-- in: file i64, now time
UPDATE file_key SET wrapped = NULL, destroyed = $now WHERE file = $file AND wrapped IS NOT NULL;
