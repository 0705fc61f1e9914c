-- name: session_find one
-- system: this is how a person becomes known
-- in: token_hash blob, now time
-- out: person i64, used time, expires time, strong time?, totp i64, password i64, passkey i64, identity i64
SELECT s.person, s.used, s.expires, s.strong,
  (SELECT CAST(count(f.person) AS BIGINT) FROM second_factor f
   WHERE f.person = s.person AND f.confirmed IS NOT NULL) AS totp,
  (SELECT CAST(count(p.person) AS BIGINT) FROM password p WHERE p.person = s.person) AS password,
  (SELECT CAST(count(k.person) AS BIGINT) FROM passkey k WHERE k.person = s.person) AS passkey,
  (SELECT CAST(count(i.person) AS BIGINT) FROM person_identity i WHERE i.person = s.person) AS identity
FROM session s WHERE s.token_hash = $token_hash AND s.expires > $now;

-- name: session_add exec
-- system: sessions are not records
-- in: token_hash blob, person i64, created time, used time, expires time, how str, strong time?
INSERT INTO session (token_hash, person, created, used, expires, how, strong)
VALUES ($token_hash, $person, $created, $used, $expires, $how, $strong);

-- name: seen_find one
-- system: this is how a dormant person is known
-- in: person i64
-- out: at time
SELECT s.at FROM person_seen s WHERE s.person = $person;

-- name: seen_set exec
-- system: signing in, and a fresh invitation taken, are being here
-- in: person i64, at time
INSERT INTO person_seen (person, at) VALUES ($person, $at)
ON CONFLICT (person) DO UPDATE SET at = excluded.at;

-- name: session_strong exec
-- system: sessions are not records
-- in: token_hash blob, strong time
UPDATE session SET strong = $strong WHERE token_hash = $token_hash;

-- name: session_weaken exec
-- system: what was strong before a person added an authenticator is not any more
-- in: person i64
UPDATE session SET strong = NULL WHERE person = $person;

-- name: session_end_passkey exec
-- system: who ends a passkey ends what was opened with one elsewhere
-- in: person i64, keep blob
DELETE FROM session WHERE person = $person AND how = 'passkey' AND token_hash <> $keep;

-- name: passkey_add exec
-- system: keys never leave access
-- in: id id, person i64, credential blob, alg i64, public_key blob, counter i64, name blob, created time
INSERT INTO passkey (id, person, credential, alg, public_key, counter, name, created)
VALUES ($id, $person, $credential, $alg, $public_key, $counter, $name, $created)
ON CONFLICT (credential) DO NOTHING;

-- name: passkey_mine many
-- system: only of the person who asks, or to know how many there are
-- in: person i64
-- out: row i64, id id, credential blob, name blob, created time, used time?, doubted time?
SELECT k.row, k.id, k.credential, k.name, k.created, k.used, k.doubted
FROM passkey k WHERE k.person = $person ORDER BY k.row LIMIT 100;

-- name: passkey_known one
-- system: this is how a person becomes known
-- in: credential blob
-- out: row i64, person i64, person_id id, alg i64, public_key blob, counter i64, doubted time?
SELECT k.row, k.person, p.id AS person_id, k.alg, k.public_key, k.counter, k.doubted
FROM passkey k JOIN person p ON p.row = k.person WHERE k.credential = $credential;

-- name: passkey_used exec
-- system: an earlier answer that comes late does not count
-- in: row i64, before i64, counter i64, used time
UPDATE passkey SET counter = $counter, used = $used WHERE row = $row AND counter = $before;

-- name: passkey_doubt exec
-- system: its counter went back
-- in: row i64, at time
UPDATE passkey SET doubted = $at WHERE row = $row;

-- name: passkey_rename exec
-- system: one's own
-- in: id id, person i64, name blob
UPDATE passkey SET name = $name WHERE id = $id AND person = $person;

-- name: passkey_drop exec
-- system: one's own
-- in: id id, person i64
DELETE FROM passkey WHERE id = $id AND person = $person;

-- name: passkey_drop_all exec
-- system: of a person who lost them
-- in: person i64
DELETE FROM passkey WHERE person = $person;

-- name: passkey_spend exec
-- system: a challenge counts once
-- in: challenge blob, at time
INSERT INTO passkey_spent (challenge, at) VALUES ($challenge, $at) ON CONFLICT (challenge) DO NOTHING;

-- name: passkey_spent_purge exec
-- system: older ones have ended by themselves
-- in: before time
DELETE FROM passkey_spent WHERE at < $before;

-- name: factor_find one
-- system: secrets never leave access
-- in: person i64
-- out: secret blob, confirmed time?, last_step i64
SELECT f.secret, f.confirmed, f.last_step FROM second_factor f WHERE f.person = $person;

-- name: factor_put exec
-- system: a fresh one waits for its first code
-- in: person i64, secret blob
INSERT INTO second_factor (person, secret, confirmed, last_step) VALUES ($person, $secret, NULL, 0)
ON CONFLICT (person) DO UPDATE SET secret = excluded.secret, confirmed = NULL, last_step = 0;

-- name: factor_used exec
-- system: a code counts once
-- in: person i64, step i64, confirmed time
UPDATE second_factor SET last_step = $step, confirmed = $confirmed WHERE person = $person;

-- name: factor_drop exec
-- system: only a confirmed one is somebody's factor
-- in: person i64
DELETE FROM second_factor WHERE person = $person AND confirmed IS NOT NULL;

-- name: oidc_flow_add exec
-- system: who went to the identity provider is not a record
-- in: state_hash blob, browser_hash blob, nonce str, verifier str, purpose str, person i64, session_hash blob, created time, expires time
INSERT INTO oidc_flow (state_hash, browser_hash, nonce, verifier, purpose, person, session_hash, created, expires)
VALUES ($state_hash, $browser_hash, $nonce, $verifier, $purpose, $person, $session_hash, $created, $expires);

-- name: oidc_flow_find one
-- system: the state and the browser's cookie are the right
-- in: state_hash blob, browser_hash blob, now time
-- out: nonce str, verifier str, purpose str, person i64, session_hash blob, created time
SELECT f.nonce, f.verifier, f.purpose, f.person, f.session_hash, f.created FROM oidc_flow f
WHERE f.state_hash = $state_hash AND f.browser_hash = $browser_hash AND f.expires > $now;

-- name: oidc_flow_end exec
-- system: once only
-- in: state_hash blob
DELETE FROM oidc_flow WHERE state_hash = $state_hash;

-- name: oidc_flow_purge exec
-- system: who never came back
-- in: now time
DELETE FROM oidc_flow WHERE expires <= $now;

-- name: identity_find one
-- system: this is how a person becomes known
-- in: hash blob
-- out: person i64
SELECT i.person FROM person_identity i WHERE i.hash = $hash;

-- name: identity_count one
-- system: how a person may sign in
-- in: person i64
-- out: n i64
SELECT CAST(count(i.person) AS BIGINT) AS n FROM person_identity i WHERE i.person = $person;

-- name: identity_add exec
-- system: bound by the person, from a session of theirs
-- in: hash blob, person i64, linked time
INSERT INTO person_identity (hash, person, linked) VALUES ($hash, $person, $linked) ON CONFLICT DO NOTHING;

-- name: identity_drop exec
-- system: ended by the person
-- in: person i64
DELETE FROM person_identity WHERE person = $person;

-- name: session_touch exec
-- system: sessions are not records
-- in: token_hash blob, used time, by_idle time, max_us i64
UPDATE session SET used = $used,
  expires = CASE WHEN created + $max_us < $by_idle THEN created + $max_us ELSE $by_idle END
WHERE token_hash = $token_hash;

-- name: session_remove exec
-- system: sessions are not records
-- in: token_hash blob
DELETE FROM session WHERE token_hash = $token_hash;

-- name: session_remove_person exec
-- system: a disabled person's sessions end at once
-- in: person i64
DELETE FROM session WHERE person = $person;

-- name: session_purge exec
-- system: sessions are not records
-- in: now time
DELETE FROM session WHERE expires <= $now;

-- name: viewer_find one
-- system: this is how a person becomes known
-- in: person i64
-- out: person i64, person_id id, lang str, roles i64, state str, org i64, org_id id, provider i64?, community bool
SELECT p.row AS person, p.id AS person_id, p.lang, p.roles, p.state, p.org, o.id AS org_id, o.provider, o.community
FROM person p JOIN organisation o ON o.row = p.org WHERE p.row = $person;

-- name: person_by_mail one
-- system: this is how a person becomes known
-- in: mail_hash blob
-- out: row i64, state str
SELECT p.row, p.state FROM person p WHERE p.mail_hash = $mail_hash;

-- name: api_key_find one
-- doc: All that makes a viewer of a key, at once; a renewed key's earlier secret is good until its time.
-- system: this is how a machine becomes known
-- in: secret_hash blob, now time
-- out: key i64, access str, expires time, scope str?, until time?, binds str?, hash blob?, used time?, person i64, person_id id, lang str, roles i64, state str, org i64, org_id id, provider i64?, community bool
SELECT k.row AS key, k.access, k.expires, l.scope, b.until, c.binds, c.hash, u.at AS used,
  p.row AS person, p.id AS person_id, p.lang, p.roles, p.state, p.org, o.id AS org_id, o.provider, o.community
FROM api_key k JOIN person p ON p.row = k.person JOIN organisation o ON o.row = p.org
  LEFT JOIN key_limit l ON l.key = k.row
  LEFT JOIN key_certificate c ON c.key = k.row LEFT JOIN key_used u ON u.key = k.row
  LEFT JOIN key_before b ON b.key = k.row AND b.secret_hash = $secret_hash AND b.until > $now
WHERE k.row = coalesce((SELECT y.row FROM api_key y WHERE y.secret_hash = $secret_hash),
    (SELECT x.key FROM key_before x WHERE x.secret_hash = $secret_hash AND x.until > $now))
  AND k.revoked IS NULL AND k.expires > $now;

-- name: key_used_set exec
-- system: when a key was last used is for who confirms it
-- in: key i64, at time
INSERT INTO key_used (key, at) VALUES ($key, $at) ON CONFLICT (key) DO UPDATE SET at = excluded.at;

-- name: key_limit_add exec
-- system: given when the key is made, never changed
-- in: key i64, scope str
INSERT INTO key_limit (key, scope) VALUES ($key, $scope);

-- name: key_certificate_add exec
-- system: given when the key is made, never changed
-- in: key i64, binds str, hash blob
INSERT INTO key_certificate (key, binds, hash) VALUES ($key, $binds, $hash);

-- name: key_certificate_find one
-- system: this is how a machine becomes known
-- in: key i64
-- out: binds str, hash blob
SELECT c.binds, c.hash FROM key_certificate c WHERE c.key = $key;

-- name: key_before_add exec
-- system: a renewed key's earlier secret
-- in: secret_hash blob, key i64, until time
INSERT INTO key_before (secret_hash, key, until) VALUES ($secret_hash, $key, $until);

-- name: key_before_end exec
-- system: only the latest earlier secret lasts
-- in: key i64
DELETE FROM key_before WHERE key = $key;

-- name: local_user_find one
-- system: this is how a user of this machine becomes known
-- in: uid i64
-- out: person i64
SELECT l.person FROM local_user l WHERE l.uid = $uid;

-- name: local_user_set exec
-- system: set when the site is founded
-- in: uid i64, person i64
INSERT INTO local_user (uid, person) VALUES ($uid, $person)
ON CONFLICT (uid) DO UPDATE SET person = excluded.person;

-- name: password_find one
-- system: hashes never leave access
-- in: person i64
-- out: hash str
SELECT p.hash FROM password p WHERE p.person = $person;

-- name: password_set exec
-- system: hashes never leave access
-- in: person i64, hash str, changed time
INSERT INTO password (person, hash, changed) VALUES ($person, $hash, $changed)
ON CONFLICT (person) DO UPDATE SET hash = excluded.hash, changed = excluded.changed;

-- name: link_add exec
-- system: links are not records
-- in: token_hash blob, kind str, person i64, subject i64, created time, expires time
INSERT INTO link (token_hash, kind, person, subject, created, expires)
VALUES ($token_hash, $kind, $person, $subject, $created, $expires);

-- name: link_find one
-- system: the token is the right
-- in: token_hash blob
-- out: kind str, person i64, subject i64, expires time, used time?
SELECT l.kind, l.person, l.subject, l.expires, l.used FROM link l WHERE l.token_hash = $token_hash;

-- name: link_mark_used exec
-- system: once only
-- in: token_hash blob, used time
UPDATE link SET used = $used WHERE token_hash = $token_hash AND used IS NULL;

-- name: link_end exec
-- system: a fresh link ends the earlier ones of its kind
-- in: kind str, person i64, now time
UPDATE link SET expires = $now WHERE kind = $kind AND person = $person AND used IS NULL AND expires > $now;

-- name: link_purge exec
-- system: links are not records
-- in: before time
DELETE FROM link WHERE expires < $before;

-- name: setting_get one
-- system: what belongs to the store itself
-- in: name str
-- out: value str
SELECT s.value FROM setting s WHERE s.name = $name;

-- name: setting_set exec
-- system: what belongs to the store itself
-- in: name str, value str
INSERT INTO setting (name, value) VALUES ($name, $value)
ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- name: link_end_all exec
-- system: whoever comes back comes by the one link that two others made
-- in: person i64, now time
UPDATE link SET expires = $now
WHERE person = $person AND kind IN ('sign_in', 'invite', 'return') AND used IS NULL AND expires > $now;

-- name: password_drop exec
-- system: whoever comes back chooses another
-- in: person i64
DELETE FROM password WHERE person = $person;

-- name: person_live_keys many
-- system: a lost phone may hold them
-- in: person i64
-- out: row i64
SELECT k.row FROM api_key k WHERE k.person = $person AND k.revoked IS NULL ORDER BY k.row;

-- name: factor_forget exec
-- system: of a person who is erased, confirmed or not
-- in: person i64
DELETE FROM second_factor WHERE person = $person;

-- name: link_forget exec
-- system: of a person who is erased
-- in: person i64
DELETE FROM link WHERE person = $person;

-- name: oidc_flow_forget exec
-- system: of a person who is erased
-- in: person i64
DELETE FROM oidc_flow WHERE person = $person;

-- name: local_user_forget exec
-- system: of a person who is erased
-- in: person i64
DELETE FROM local_user WHERE person = $person;

-- name: seen_forget exec
-- system: of a person who is erased
-- in: person i64
DELETE FROM person_seen WHERE person = $person;
