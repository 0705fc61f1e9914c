// operator.mjs - the figures of whoever runs it and works at the desk: operator_*.mjs. BENCH_PARTS="letter" ./bench operator
import { runParts } from './lib/parts.mjs';

runParts('operator');
