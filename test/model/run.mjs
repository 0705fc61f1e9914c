// run.mjs - the access oracle: random histories against the running program and against the model.
//
//   node test/model/run.mjs [--histories N] [--seed N] [--steps 60] [--engine sqlite|pg] [--lanes N]
//                           [--seconds N: no longer] [--fault NAME | --score [NAME ...]] [--no-shrink] [--json]
//
//   node test/model/run.mjs --routes     is every route observed? Starts nothing
//
// A difference prints its seed and the shortest script that still shows it, and ends with 1. With --fault the
// fault of data/faults.json is on and must be found; --score tries all of them, one after another, and says
// within how many histories each was found. Needs a build with faults: build-faults/minar, or MINAR.
import path from 'node:path';
import './load.mjs';

const engine = process.argv.includes('--engine') ? process.argv[process.argv.indexOf('--engine') + 1] : 'sqlite';
process.env.MINAR_STORE = engine;
// The clause is long: planned once a connection and not for each question, it is the same clause.
process.env.PGOPTIONS ??= '-c plan_cache_mode=force_generic_plan -c jit=off';
process.env.MINAR ??= path.resolve(import.meta.dirname, '../../build-faults/minar');
const { main } = await import('./run.ts');
process.exit(await main(process.argv.slice(2), engine));
