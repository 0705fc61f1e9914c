// routes.ts - for each route of the interface, by what the oracle observes it, or why there is nothing to
// observe. A route without its row here fails the build's checks (node test/model/run.mjs --routes): whoever
// adds a route says how its answer is held against the model.
//   look:  a look of look.ts      step: a step of model.ts      none: the reason
export const ROUTES: Record<string, { look?: string[]; step?: string[]; none?: string }> = {
  health: { none: 'public, and says nothing but that the program is up' },
  session_create: { none: 'takes a password and gives a session; what a session may see is what its person may' },
  session_read: { look: ['session'] },
  session_lang: { none: 'changes only the language of whoever asks' },
  session_link: { none: 'only on the local socket, for whoever is there already' },
  session_prove: { none: 'takes a proof of whoever asks and renews the own session' },
  factor_begin: { none: "makes the own authenticator's secret, shown once to whoever asks" },
  factor_confirm: { none: "changes only the own authenticator of whoever asks" },
  factor_remove: { none: "changes only the own authenticator of whoever asks" },
  session_end: { none: 'ends the session that asks' },
  link_open: { none: 'the token is the right; the page shows the one thing that it is bound to' },
  link_use: { none: 'the token is the right' },
  organisation_list: { look: ['organisations'] },
  organisation_create: { none: 'the lane makes its cast by it; refusals by role are permit_use, as for every route here' },
  organisation_read: { look: ['organisation'] },
  organisation_change: { step: ['community'] },
  network_list: { look: ['networks'] },
  network_create: { none: 'the lane makes its cast by it' },
  network_withdraw: { none: 'writes a record that its list shows; held as every record is (record.c)' },
  organisation_import: { none: 'writes what organisation_create writes, for the same role' },
  import_list: { none: 'the national desk alone; joins with files and exports' },
  import_read: { none: 'the national desk alone; joins with files and exports' },
  import_stop: { none: 'the national desk alone; joins with files and exports' },
  person_list: { look: ['people'] },
  person_create: { none: 'the lane makes its cast by it' },
  person_change: { step: ['person'] },
  person_invite: { none: 'held as person_change is; gives a link, which is a right of its own' },
  person_factor_end: { none: 'needs two persons, which walks drive (second.walk.mjs); held as person_change is' },
  act_list: { none: 'held acts of those who have the same right, which walks drive (second.walk.mjs)' },
  act_approve: { none: 'runs the held act by the rights of who asked for it (second.walk.mjs)' },
  act_refuse: { none: 'ends a held act, for who might approve it (second.walk.mjs)' },
  glass_ask: { none: 'needs three persons, and its answer is the same whether there is such a thing or not (glass.walk.mjs)' },
  glass_list: { none: 'grants of the own organisation, by the own hand or yes (glass.walk.mjs); what they open, the step glass observes' },
  glass_end: { none: 'closes a grant, for the owner and those who made it (glass.walk.mjs)' },
  key_list: { look: ['keys'] },
  key_create: { step: ['key'] },
  key_revoke: { step: ['revoke'] },
  key_renew: { none: 'held as key_create is; gives the secret of the own key anew (key.walk.mjs)' },
  ledger_list: { look: ['ledger'] },
  ledger_verify: { none: 'gives figures of the whole ledger to the national roles that may ask; nothing by viewer' },
  ledger_published: { none: 'what outsiders get of the whole ledger: signed, the same for everybody' },
  ledger_witnesses: { none: 'how outside witnesses answered: the same for everybody' },
  ledger_entry_proof: { none: 'opens an entry to whoever sees it by the same two questions as the list, which is looked at; the rest is published hashes' },
  ledger_growth: { none: 'published hashes, the same for everybody' },
  log_checkpoint: { none: 'public: a signed size and hash' },
  log_key: { none: 'public: the verifier keys of this site' },
  log_tile: { none: 'public: hashes and salted commitments' },
  witness_add: { none: 'public: cosigns for other ledgers, knows nothing of records' },
  stream: { step: ['stream'] },
  realm_list: { none: 'names of realms, to everybody who is known' },
  realm_create: { none: 'the lane is made by it' },
  realm_remove: { none: 'the national administrator alone; nothing of a realm is seen from another' },
  realm_clock: { step: ['clock'] },
  openapi: { none: 'public, a description without content' },
  status: { look: ['status'] },
  feed_list: { look: ['feeds'] },
  feed_create: { none: 'the national desk alone' },
  feed_read: { none: 'the national desk alone' },
  feed_change: { none: 'the national desk alone' },
  feed_file: { none: 'the national desk alone; what it brings is seen as events are' },
  feed_mapping: { none: 'the national desk alone' },
  event_list: { look: ['events'] },
  event_summary: { look: ['summary'] },
  event_read: { look: ['event'] },
  finding_list: { look: ['findings', 'findings of', 'pages', 'cursor'] },
  finding_read: { look: ['notice'], step: ['put', 'label'] },
  finding_answer: { step: ['answer'] },
  notice_list: { look: ['notices', 'notices of', 'pages'] },
  notice_read: { look: ['notice'] },
  notice_acknowledge: { step: ['acknowledge'] },
  notice_undo: { step: ['undo'] },
  queue: { look: ['queue'] },
  agency: { look: ['agency'] },
  lookup: { look: ['lookup id', 'lookup value'] },
  indicator_list: { look: ['indicators', 'pages'] },
  indicator_create: { step: ['indicator'] },
  indicator_import: { none: 'writes what indicator_create writes, for the same role' },
};

/** What is wrong with the table, as lines. */
export function routeMistakes(routes: string[], looks: string[], steps: string[]): string[] {
  const wrong = routes.filter((id) => !ROUTES[id]).map((id) => `the route ${id} has no observation: give it a row in test/model/routes.ts`);
  for (const [id, r] of Object.entries(ROUTES)) {
    if (!routes.includes(id)) wrong.push(`test/model/routes.ts names ${id}, which is no route`);
    for (const l of r.look ?? []) if (!looks.includes(l)) wrong.push(`${id}: there is no look '${l}'`);
    for (const s of r.step ?? []) if (!steps.includes(s)) wrong.push(`${id}: there is no step '${s}'`);
    if (!r.none && !r.look?.length && !r.step?.length) wrong.push(`${id}: neither observed nor a reason why not`);
    if (r.none && r.none.length < 15) wrong.push(`${id}: its reason says too little`);
  }
  return wrong;
}
