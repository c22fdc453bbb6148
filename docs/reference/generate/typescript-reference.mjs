/** Prints the reference of the TypeScript SDK as Markdown, from its declarations and their comments. */
import { join } from 'node:path';
import ts from 'typescript';
import { block, inCode, oneLine, table } from './markdown.ts';
import { fieldsOf, queryOf, schemaOf } from './schemas.ts';

const SDK = join(import.meta.dirname, '..', '..', '..', 'sdk', 'typescript');
const INTRO = `# TypeScript reference

Made by \`npm run reference\` from the declarations and comments of \`sdk/typescript\`: edit those. How to use it is in the
[quick start](../quick-start.md) and the [guides](../README.md).`;
const WIDTH = 100;

const { config } = ts.readConfigFile(join(SDK, 'tsconfig.build.json'), ts.sys.readFile);
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, SDK);
const program = ts.createProgram([join(SDK, 'src', 'index.ts')], options);
const checker = program.getTypeChecker();
const index = checker.getSymbolAtLocation(program.getSourceFile(join(SDK, 'src', 'index.ts')));

/** Exported names with their first declarations, in the order of the files that declare them. */
const exported = new Map(
  checker.getExportsOfModule(index).map((symbol) => {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    return [symbol.name, target.declarations[0]];
  }),
);

/** A comment as it stands in the source, its tags apart. */
const commentOf = (node) => {
  const docs = (node.jsDoc ?? []).at(-1);
  const links = (text) => (text ?? '').replaceAll(/\{@link ([\w.]+)\}/g, '`$1`');
  return {
    text: links(ts.getTextOfJSDocComment(docs?.comment)),
    tags: (docs?.tags ?? []).map((tag) => [
      tag.tagName.text,
      links(
        oneLine(
          tag
            .getText()
            .replace(/^@\w+\s*/, '')
            .replaceAll(/\n\s*\*\s?/g, ' '),
        ),
      ),
    ]),
  };
};

const TAGS = { throws: '**Throws** ', returns: '**Returns** ', param: '' };
const documented = (node) => {
  const { text, tags } = commentOf(node);
  return [text, ...tags.map(([name, said]) => `${TAGS[name] ?? ''}${said.replace(/\s*\*\/$/, '')}`)]
    .filter(Boolean)
    .join('\n\n');
};

const isPublic = (node) =>
  node.name !== undefined &&
  !ts.isPrivateIdentifier(node.name) &&
  !(ts.getCombinedModifierFlags(node) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected));

/** A call as the source declares it, without its body; broken where it is long. */
const signature = (node, name = node.name.getText()) => {
  const words = node.parameters.map((parameter) => parameter.getText());
  const generic = node.typeParameters ? `<${node.typeParameters.map((one) => one.getText()).join(', ')}>` : '';
  const answer = node.type ? `: ${node.type.getText()}` : '';
  const line = `${name}${generic}(${words.join(', ')})${answer}`;
  return block(
    line.length > WIDTH ? `${name}${generic}(\n${words.map((word) => `  ${word},\n`).join('')})${answer}` : line,
  );
};

const typeText = (node) => oneLine(node.type?.getText() ?? checker.typeToString(checker.getTypeAtLocation(node)));

const member = (node, owner) => {
  const name = node.name.getText();
  const title = `#### ${name.startsWith('[') ? `${owner}${name}` : `${owner}.${name}`}`;
  const said = documented(node);
  const shown = ts.isMethodDeclaration(node) ? signature(node) : inCode(`${name}: ${typeText(node)}`);
  return [title, shown, said].filter(Boolean).join('\n\n');
};

const heritage = (node) =>
  (node.heritageClauses ?? []).flatMap((clause) => clause.types.map((type) => type.expression.getText()));

/** What an interface takes over: `` `A` `` or `` `A` but for `x` ``. */
const inherited = (node) =>
  (node.heritageClauses ?? []).flatMap((clause) =>
    clause.types.map((type) => {
      const [of, left] = type.typeArguments ?? [];
      if (type.expression.getText() !== 'Omit') return inCode(type.expression.getText());
      const names = (ts.isUnionTypeNode(left) ? [...left.types] : [left]).map((one) => inCode(one.literal.text));
      return `${inCode(of.getText())} but for ${names.join(', ')}`;
    }),
  );

const classPage = (node, owner, title, { constructs = false } = {}) => {
  const init = node.members.find(ts.isConstructorDeclaration);
  const told = node.members.filter(
    (one) =>
      isPublic(one) &&
      (ts.isMethodDeclaration(one) || documented(one) !== '' || (!constructs && ts.isPropertyDeclaration(one))),
  );
  return [
    `### ${title}`,
    constructs && init ? signature(init, `new ${node.name.text}`) : '',
    documented(node),
    ...told.map((one) => member(one, owner)),
  ]
    .filter(Boolean)
    .join('\n\n');
};

const interfacePage = (node) => {
  const bases = inherited(node);
  const rows = node.members.map((one) => [
    inCode(one.name.getText() + (one.questionToken ? '?' : '')),
    inCode(typeText(one).replace(/ \| undefined$/, '')),
    oneLine(documented(one)),
  ]);
  const more = bases.length > 0 ? `And all of ${bases.join('; ')}.` : '';
  return [`### ${node.name.text}`, documented(node), table(['Field', 'Type', 'Meaning'], rows), more]
    .filter(Boolean)
    .join('\n\n');
};

const declared = (name) => exported.get(name);
const all = [...exported.entries()];
const client = declared('OnMemOSClient');
const resources = client.members
  .filter((one) => ts.isPropertyDeclaration(one) && isPublic(one))
  .map((one) => [one.name.text, declared(one.type.getText())]);
const OBJECTS = ['Session', 'Process', 'Shell', 'Listing'];

const errorRow = ([name, node]) => [inCode(name), heritage(node).map(inCode).join(', '), oneLine(documented(node))];
const errors = all.filter(
  ([name, node]) =>
    node.getSourceFile().fileName.endsWith('/errors.ts') && ts.isClassDeclaration(node) && name !== 'OnMemOSError',
);

/** A name of the SDK for something of the wire. */
const wire = ([name, node]) => {
  const type = node.type.getText();
  const [, record, query] = /^(?:Schemas\['(\w+)'\]|(?:Filters|Query)<'([\w.]+)'>)$/.exec(type) ?? [];
  const schema = record ? schemaOf(record) : query ? queryOf(query) : undefined;
  const shown = schema?.properties ? fieldsOf(schema) : inCode(oneLine(type));
  return `### ${name}\n\n${documented(node)}\n\n${shown}`;
};
const aliases = all.filter(([, node]) => ts.isTypeAliasDeclaration(node));
const ofWire = aliases.filter(([, node]) => node.getSourceFile().fileName.endsWith('/types.ts'));
const own = aliases.filter((entry) => !ofWire.includes(entry));

console.log(
  [
    INTRO,
    '## Client',
    classPage(client, 'client', 'OnMemOSClient', { constructs: true }),
    ...resources.map(([name, node]) => classPage(node, `client.${name}`, `client.${name}`)),
    '## Objects',
    ...OBJECTS.map((name) => classPage(declared(name), name.toLowerCase(), name)),
    '## Options',
    ...all.filter(([, node]) => ts.isInterfaceDeclaration(node)).map(([, node]) => interfacePage(node)),
    ...own.map(wire),
    '## Errors',
    classPage(declared('OnMemOSError'), 'error', 'OnMemOSError'),
    table(['Class', 'Extends', 'When'], errors.map(errorRow)),
    '## The wire',
    'What is sent and answered; names are those of the wire.',
    ...ofWire.map(wire),
  ].join('\n\n'),
);
