// As start.mjs beside it: in the repository the source, in the published package a copy of it.
export * from '../../functions/standalone/own-node.mjs';
