// world.mjs - a country for benchmarks, from a seed: bodies with networks and domains, indicators, and days of
// Shadowserver files over reserved addresses. Written as files, read in through the command line.
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';

const words = ['north', 'river', 'green', 'stone', 'lake', 'cedar', 'amber', 'silver', 'plain', 'delta'];
export const BODIES = 8192, PER_BODY = 16;          // 198.18.0.0/15 in parts of sixteen addresses

/** A generator of numbers that is the same for the same seed. */
export function dice(seed) {
  let s = seed >>> 0 || 1;
  return (n) => {
    s ^= s << 13; s >>>= 0;
    s ^= s >>> 17;
    s ^= s << 5; s >>>= 0;
    return s % n;
  };
}

const address = (i) => `198.${18 + ((i >> 16) & 1)}.${(i >> 8) & 255}.${i & 255}`;

/** Writes lines in pieces, so that a million of them need no memory. */
function lines(file, count, line, head) {
  const fd = openSync(file, 'w');
  let text = head ?? '';
  for (let i = 0; i < count; i++) {
    text += line(i);
    if (text.length > 1 << 20) { writeSync(fd, text); text = ''; }
  }
  writeSync(fd, text);
  closeSync(fd);
  return file;
}

/** Constituents: each a body with an IPv4 and an IPv6 network, a domain and a focal person. */
export function constituents(file, bodies = BODIES) {
  const head = 'key,name_en,name_ur,kind,sector,lang,networks,domains,contact_name,contact_mail\n';
  return lines(file, bodies, (i) => {
    const key = `B${i}`, net = `${address(i * PER_BODY)}/28; 2001:db8:${i.toString(16)}::/48`;
    return `${key},${words[i % 10]} office ${i},دفتر ${i},ministry,government,${i % 2 ? 'ur' : 'en'},${net},b${i}.example,Person ${i},p${i}@b${i}.example\n`;
  }, head);
}

/** Indicators that hardly anything matches. */
export function indicators(file, count) {
  return lines(file, count, (i) => (i % 3 ? `d${i}.bad${i % 4093}.example\n` : `2001:db8:ffff:${(i >> 16).toString(16)}::${(i & 65535).toString(16)}\n`));
}

/** The mapping of one fictional report with an SMB scan's columns, in the publisher's form. */
export function mapping(file) {
  const columns = ['hostname_source', 'sector', 'smb_implant', 'arch', 'key', 'smbv1_support', 'smb_version_string'];
  writeFileSync(file, JSON.stringify({
    _meta: { date_created: '2026-11-01T00:00:00Z', change_log: ['fictional'] },
    scan_bench: {
      feed_name: 'Open-Bench', file_name: 'scan_bench', url: 'https://feed.example/',
      constant_fields: { 'classification.identifier': 'open-bench', 'classification.taxonomy': 'vulnerable', 'classification.type': 'vulnerable-system', 'protocol.application': 'smb' },
      required_fields: [['time.source', 'timestamp', 'add_UTC_to_timestamp'], ['source.ip', 'ip', 'validate_ip'], ['source.port', 'port', 'convert_int']],
      optional_fields: [['severity', 'severity', 'validate_to_none'], ['protocol.transport', 'protocol'], ['source.reverse_dns', 'hostname'],
        ['extra.', 'tag', 'validate_to_none'], ['source.asn', 'asn', 'invalidate_zero'], ['source.geolocation.cc', 'geo'], ['source.geolocation.region', 'region'],
        ['source.geolocation.city', 'city'], ['extra.source.naics', 'naics', 'invalidate_zero'], ...columns.map((c) => ['extra.', c, 'validate_to_none'])],
    },
  }));
  return file;
}

/** A day's report of `rows`; `share` of them become findings, the others are inventory. `first` begins a
 * numbering of (address, port), so that no two files open the same finding. */
export function report(file, rows, share, first = 0, day = new Date()) {
  const head = '"timestamp","severity","ip","protocol","port","hostname","tag","asn","geo","region","city","naics","hostname_source","sector","smb_implant","arch","key","smbv1_support","smb_version_string"\n';
  const roll = dice(first + 7), date = day.toISOString().slice(0, 10), every = Math.round(1 / share);
  let n = first;
  return lines(file, rows, (i) => {
    const finding = i % every === 0;
    const at = finding ? (n * 97) % (BODIES * PER_BODY) : roll(BODIES * PER_BODY);
    const port = finding ? 1024 + Math.floor(n++ / (BODIES * PER_BODY)) % 60000 : 445;
    const clock = `${String(roll(8)).padStart(2, '0')}:${String(roll(60)).padStart(2, '0')}:${String(roll(60)).padStart(2, '0')}`;
    return `"${date} ${clock}","${finding ? 'high' : 'info'}","${address(at)}","tcp","${port}","host-${roll(1 << 20)}.isp${roll(64)}.example","smb","${64496 + roll(16)}","PK","PUNJAB","LAHORE","517311","ptr","Communications, Service Provider, and Hosting Service","N","","0x00","Y","SMB 1.0 Windows 7 Professional 7601"\n`;
  }, head);
}

export const reportName = (what, day = new Date()) => `${day.toISOString().slice(0, 10)}-scan_bench-${what}.csv`;
