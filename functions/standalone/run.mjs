// run.mjs FILE ARGUMENTS: runs a program of this repository on a Node that can, or says what is missing.
import { become, SOURCE, suitableNode } from './own-node.mjs';

await become(suitableNode(SOURCE), ['--', ...process.argv.slice(2)]);
