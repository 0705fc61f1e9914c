// smtp.mjs - the real SMTP server of mailbox.py as an object: .port, .mails, .refusals, .answer(mode).
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { poll } from './site.mjs';

export async function startMailbox() {
  const child = spawn('/usr/bin/python3', [path.join(import.meta.dirname, 'mailbox.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const box = { child, port: 0, mails: [], refusals: [], mode: 'take' };
  createInterface({ input: child.stdout }).on('line', (line) => {
    const x = JSON.parse(line);
    if (x.port) box.port = x.port;
    else if (x.mode) box.mode = x.mode;
    else if (x.refused) box.refusals.push(x);
    else box.mails.push(x);
  });
  box.answer = async (mode) => {
    child.stdin.write(`${mode}\n`);
    await poll(`mailbox answers ${mode}`, () => box.mode === mode);
  };
  box.to = (address) => box.mails.filter((m) => m.to.includes(address));
  box.stop = () => new Promise((resolve) => {
    child.on('exit', resolve);
    child.stdin.end();
  });
  await poll('mailbox listens (Debian package python3-aiosmtpd)', () => box.port || child.exitCode !== null);
  if (!box.port) throw new Error('the mailbox did not start: apt-get install python3-aiosmtpd');
  return box;
}

/** Settings that send through it. */
export const mailConf = (box) => ({ smtp_url: `smtp://127.0.0.1:${box.port}`, from: 'cert@cert.example' });
