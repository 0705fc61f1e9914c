-- People's keys and certificates for mail. Owned by common/mailkey.

-- name: mail_key_of_person many
-- system: a person's own keys, asked by the person, by who may change the person, or to encrypt mail
-- in: person i64
-- out: row i64, id id, words blob, created time, expires time?, confirmed time?, told i64
SELECT k.row, k.id, k.words, k.created, k.expires, k.confirmed, k.told FROM mail_key k
WHERE k.person = $person ORDER BY k.row LIMIT 20;

-- name: mail_key_of_row one
-- system: the key that a queued mail names
-- in: row i64
-- out: person i64, id id, words blob, created time, expires time?, confirmed time?, told i64
SELECT k.person, k.id, k.words, k.created, k.expires, k.confirmed, k.told FROM mail_key k WHERE k.row = $row;

-- name: mail_key_code one
-- system: the person confirms it
-- in: person i64, id id
-- out: row i64, code blob, tries i64
SELECT k.row, k.code, k.tries FROM mail_key k WHERE k.id = $id AND k.person = $person AND k.confirmed IS NULL;

-- name: mail_key_insert exec
-- system: a person's own key, brought by the person or by who may change the person
-- in: id id, person i64, words blob, created time, expires time?, code blob
INSERT INTO mail_key (id, person, words, created, expires, confirmed, code, tries, told)
VALUES ($id, $person, $words, $created, $expires, NULL, $code, 0, 0);

-- name: mail_key_set exec
-- system: the person confirms it
-- in: row i64, code blob, tries i64, confirmed time?
UPDATE mail_key SET code = $code, tries = $tries, confirmed = $confirmed WHERE row = $row;

-- name: mail_key_tell exec
-- system: what was told of its end
-- in: row i64, told i64
UPDATE mail_key SET told = $told WHERE row = $row;

-- name: mail_key_delete exec
-- system: a person's own key
-- in: person i64, id id
DELETE FROM mail_key WHERE id = $id AND person = $person;

-- name: mail_key_drop_waiting exec
-- system: another key waits in its place
-- in: person i64
DELETE FROM mail_key WHERE person = $person AND confirmed IS NULL;

-- name: mail_key_purge exec
-- system: nobody confirmed it
-- in: before time
DELETE FROM mail_key WHERE confirmed IS NULL AND created < $before;

-- name: mail_key_stale many
-- system: keys that nobody confirmed
-- in: before time, limit i64
-- out: row i64
SELECT k.row FROM mail_key k WHERE k.confirmed IS NULL AND k.created < $before ORDER BY k.created LIMIT $limit;

-- name: mail_key_ending many
-- system: the machine warns of an end
-- in: month time, week time, now time, limit i64
-- out: row i64, person i64, told i64, expires time
SELECT k.row, k.person, k.told, k.expires FROM mail_key k
WHERE k.expires <= $month AND k.confirmed IS NOT NULL AND k.told < 3
  AND (k.told < 1 OR (k.told < 2 AND k.expires <= $week) OR k.expires <= $now)
ORDER BY k.expires, k.row LIMIT $limit;

-- name: site_act_known many
-- system: the machine enters what a command did once
-- in: at time, subject id
-- out: row i64
SELECT e.row FROM ledger_entry e WHERE e.at = $at AND e.subject = $subject ORDER BY e.row LIMIT 1;
