// imapbox.mjs - a real mailbox (Debian's dovecot-imapd, its own configuration, a free loopback port) as an
// object: .port, .put(mail) a message into INBOX, .look() what stands there with its flags, .stop().
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort, poll } from './site.mjs';

export const USER = 'bounces', PASSWORD = 'word-of-the-box';
const NOBODY = 65534;

const CONF = (dir, port, uid) => `
protocols = imap
listen = 127.0.0.1
base_dir = ${dir}/run
state_dir = ${dir}/state
log_path = ${dir}/log
ssl = no
disable_plaintext_auth = no
first_valid_uid = 0
mail_location = maildir:~/Maildir
default_internal_user = ${uid ? 'nobody' : 'root'}
default_internal_group = nogroup
default_login_user = nobody
passdb {
  driver = static
  args = password=${PASSWORD}
}
userdb {
  driver = static
  args = uid=${uid} gid=${uid} home=${dir}/home
}
service imap-login {
  chroot =
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = 0
  }
}
service anvil {
  chroot =
}
service stats {
  chroot =
}
`;

export async function startBox() {
  const dir = mkdtempSync(path.join(tmpdir(), 'minar-imap-')), uid = process.getuid() || NOBODY;
  chmodSync(dir, 0o755);
  const inbox = path.join(dir, 'home', 'Maildir'), port = await freePort();
  for (const d of ['run', 'state', 'home', 'home/Maildir', 'home/Maildir/new', 'home/Maildir/cur', 'home/Maildir/tmp']) {
    mkdirSync(path.join(dir, d), { recursive: true, mode: 0o755 });
    if (!process.getuid() && d.startsWith('home')) chownSync(path.join(dir, d), uid, uid);
  }
  writeFileSync(path.join(dir, 'conf'), CONF(dir, port, uid));
  const child = spawn('/usr/sbin/dovecot', ['-F', '-c', path.join(dir, 'conf')], { stdio: ['ignore', 'inherit', 'inherit'] });
  let n = 0;
  const open = () => new Promise((resolve) => {
    const s = net.connect(port, '127.0.0.1', () => { s.destroy(); resolve(true); }).on('error', () => resolve(false));
  });
  await poll('the mailbox listens (Debian package dovecot-imapd)', async () => child.exitCode !== null || await open());
  assert.equal(child.exitCode, null, 'dovecot did not start: apt-get install dovecot-imapd');
  return {
    port,
    put(text) {
      const name = path.join(inbox, 'new', `${Date.now()}.${++n}.test`);
      writeFileSync(name, text.replace(/\r?\n/g, '\r\n'), { mode: 0o644 });
      if (!process.getuid()) chownSync(name, uid, uid);
    },
    /** Files of INBOX, with the letters of their flags. */
    look() {
      for (;;) {
        try {
          return ['new', 'cur'].flatMap((d) => readdirSync(path.join(inbox, d)).map((f) => ({ name: f, flags: f.split(':2,')[1] ?? '', text: readFileSync(path.join(inbox, d, f), 'utf8') })));
        } catch (e) {
          if (e.code !== 'ENOENT') throw e; // moved between the two
        }
      }
    },
    log: () => readFileSync(path.join(dir, 'log'), 'utf8'),
    stop: () => new Promise((resolve) => {
      const over = () => {
        rmSync(dir, { recursive: true, force: true });
        resolve();
      };
      if (child.exitCode !== null || child.signalCode !== null) return over();
      child.on('exit', over);
      child.kill('SIGTERM');
    }),
  };
}
