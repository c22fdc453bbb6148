// node run.mjs FILE ARGUMENTS…: runs a program of this repository on the Node that the repository needs.
import { become, SOURCE, suitableNode } from './own-node.mjs';

await become(suitableNode(SOURCE), process.argv.slice(2));
