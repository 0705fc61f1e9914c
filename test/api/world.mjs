// world.mjs - a small fictional country for the walks: two agencies with networks and focal people, a
// Shadowserver mapping in the publisher's format, and files of its reports.
import assert from 'node:assert/strict';
import { poll } from './site.mjs';

export const MAPPING = {
  _meta: { date_created: '2026-11-01T00:00:00Z', change_log: ['fictional'] },
  scan_widget: {
    feed_name: 'Open-Widget', file_name: 'scan_widget', url: 'https://feed.example/',
    constant_fields: { 'classification.identifier': 'open-widget', 'classification.taxonomy': 'vulnerable', 'classification.type': 'vulnerable-system', 'protocol.application': 'widget' },
    required_fields: [['time.source', 'timestamp', 'add_UTC_to_timestamp'], ['source.ip', 'ip', 'validate_ip'], ['source.port', 'port', 'convert_int']],
    optional_fields: [['severity', 'severity', 'validate_to_none'], ['protocol.transport', 'protocol'], ['source.reverse_dns', 'hostname'], ['source.asn', 'asn', 'invalidate_zero'], ['source.geolocation.cc', 'geo'], ['extra.', 'tag', 'validate_to_none']],
  },
  scan_gizmo: {
    feed_name: 'Open-Gizmo', file_name: 'scan_gizmo',
    constant_fields: { 'classification.identifier': 'open-gizmo', 'classification.taxonomy': 'vulnerable', 'classification.type': 'vulnerable-system' },
    required_fields: [['time.source', 'timestamp', 'add_UTC_to_timestamp'], ['source.ip', 'ip', 'validate_ip']],
    optional_fields: [['source.port', 'port', 'convert_int'], ['severity', 'severity', 'validate_to_none']],
  },
};

export const stamp = (hoursAgo = 2) => new Date(Date.now() - hoursAgo * 3600e3).toISOString().slice(0, 19).replace('T', ' ');
export const day = () => new Date().toISOString().slice(0, 10);

/** A report file: rows are [ip, port, severity, more]. */
export function report(rows, { hoursAgo = 2 } = {}) {
  const lines = rows.map(([ip, port = 8443, severity = 'high', more = {}]) => `${stamp(hoursAgo)},${severity},${ip},tcp,${port},${more.hostname ?? ''},${more.asn ?? 64500},${more.geo ?? 'PK'},${more.tag ?? 'widget'}`);
  return `timestamp,severity,ip,protocol,port,hostname,asn,geo,tag\n${lines.join('\n')}\n`;
}

/** Agencies MOX (Urdu) and BNK (English), a focal person of each who has signed in; mapping and feed. */
export async function populate(site, { people = true } = {}) {
  const { desk } = site, w = { site, desk };
  const csv = 'Code,Name,Urdu name,Type,Language,Networks,Domain\n'
    + 'MOX,Ministry of Examples,وزارتِ امثال,ministry,ur,198.18.4.0/22;2001:db8:4::/48,mox.example\n'
    + 'BNK,Bank of Examples,بینک امثال,bank,en,198.18.64.0/22,bnk.example\n';
  const r = await desk.file('/api/imports/organisations?name=world.csv', csv);
  assert.equal(r.rows_done, 2, JSON.stringify(r.errors));
  for (const o of await desk.all('/api/organisations')) w[o.key] = o.id;
  if (people) {
    w.mox = await site.person(w.MOX, 'focal@mox.example', { name: 'عائشہ خان', lang: 'ur' });
    w.bnk = await site.person(w.BNK, 'focal@bnk.example', { name: 'Bilal Raza', lang: 'en' });
  }
  const m = await desk.ok('PUT', '/api/shadowserver/mapping', { body: JSON.stringify(MAPPING) });
  assert.equal(m.types, 2);
  await desk.post('/api/feeds', { key: 'shadowserver', format: 'shadowserver', name_en: 'Shadowserver', expect_every_s: 86400 });
  w.give = (rows, name, options) => desk.file(`/api/feeds/shadowserver/files?wait=true&name=${name ?? `${day()}-scan_widget-${Math.random().toString(36).slice(2, 8)}.csv`}`, typeof rows === 'string' ? rows : report(rows, options));
  /** The notice of an organisation that fits, once it is there. */
  w.notice = (org, fits = () => true) => poll('a notice', async () => {
    const items = (await desk.get(`/api/notices?org=${org}`)).items.filter(fits);
    return items[0];
  });
  return w;
}
