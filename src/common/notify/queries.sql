-- What people are told, and how they want to be. Owned by common/notify.

-- name: notify_choices many
-- system: a person's own choices, asked by who tells that person, or by the person
-- in: person i64
-- out: kind text, way text
SELECT c.kind, c.way FROM notify_choice c WHERE c.person = $person ORDER BY c.kind;

-- name: notify_choice_set exec
-- system: a person's own choice
-- in: person i64, kind text, way text
INSERT INTO notify_choice (person, kind, way) VALUES ($person, $kind, $way)
ON CONFLICT (person, kind) DO UPDATE SET way = $way;

-- name: notify_hours_of many
-- system: a person's own hours, asked by who tells that person, or by the person
-- in: person i64
-- out: quiet_from i64, quiet_until i64, daily_at i64, zone text
SELECT h.quiet_from, h.quiet_until, h.daily_at, h.zone FROM notify_hours h WHERE h.person = $person;

-- name: notify_hours_set exec
-- system: a person's own hours
-- in: person i64, quiet_from i64, quiet_until i64, daily_at i64, zone text
INSERT INTO notify_hours (person, quiet_from, quiet_until, daily_at, zone)
VALUES ($person, $quiet_from, $quiet_until, $daily_at, $zone)
ON CONFLICT (person) DO UPDATE SET quiet_from = $quiet_from, quiet_until = $quiet_until, daily_at = $daily_at, zone = $zone;

-- name: notification_add exec
-- system: the machine tells a person
-- in: id id, person i64, kind text, urgent bool, words blob, created time, mail_at time?, mailed time?
INSERT INTO notification (id, person, kind, urgent, words, created, mail_at, mailed)
VALUES ($id, $person, $kind, $urgent, $words, $created, $mail_at, $mailed);

-- name: notification_trim exec
-- system: the list has an end; what is to be mailed still stays
-- in: person i64, keep i64
DELETE FROM notification WHERE person = $person AND mail_at IS NULL AND row <= (SELECT n.row FROM notification n
  WHERE n.person = $person ORDER BY n.row DESC LIMIT 1 OFFSET $keep);

-- name: notification_page many
-- system: a person's own list
-- in: person i64, before i64, limit i64
-- out: row i64, id id, kind text, urgent bool, words blob, created time, read_at time?, mail_at time?, mailed time?
SELECT n.row, n.id, n.kind, n.urgent, n.words, n.created, n.read_at, n.mail_at, n.mailed FROM notification n
WHERE n.person = $person AND n.row < $before ORDER BY n.row DESC LIMIT $limit;

-- name: notification_unread one
-- system: a person's own list
-- in: person i64, limit i64
-- out: n i64
SELECT count(*) AS n FROM (SELECT n.row FROM notification n
  WHERE n.person = $person AND n.read_at IS NULL ORDER BY n.row DESC LIMIT $limit) q;

-- name: notification_read exec
-- system: a person's own list
-- in: person i64, id id?, now time
UPDATE notification SET read_at = $now WHERE person = $person AND read_at IS NULL {? id: AND id = $id};

-- name: notification_there many
-- system: a person's own list
-- in: person i64, id id
-- out: row i64
SELECT n.row FROM notification n WHERE n.id = $id AND n.person = $person;

-- name: notify_due many
-- system: the machine's mail
-- doc: Somebody to whom something is due by mail, the longest due first.
-- in: now time
-- out: person i64
SELECT n.person FROM notification n WHERE n.mail_at <= $now ORDER BY n.mail_at, n.row LIMIT 1;

-- name: notify_due_of many
-- system: the machine's mail
-- in: person i64, now time
-- out: row i64, id id, words blob, urgent bool
SELECT n.row, n.id, n.words, n.urgent FROM notification n
WHERE n.person = $person AND n.mail_at <= $now ORDER BY n.row LIMIT 500;

-- name: notify_mailed exec
-- system: the machine's mail
-- in: person i64, now time
UPDATE notification SET mailed = $now, mail_at = NULL WHERE person = $person AND mail_at <= $now;

-- name: notification_forget exec
-- system: of a person who is erased
-- in: person i64
DELETE FROM notification WHERE person = $person;

-- name: notify_choice_forget exec
-- system: of a person who is erased
-- in: person i64
DELETE FROM notify_choice WHERE person = $person;

-- name: notify_hours_forget exec
-- system: of a person who is erased
-- in: person i64
DELETE FROM notify_hours WHERE person = $person;
