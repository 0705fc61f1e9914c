// policy.mjs - the figures of "policy that cannot leak": policy_*.mjs. BENCH_PARTS="matrix" ./bench policy
import { runParts } from './lib/parts.mjs';

runParts('policy');
