/** The layers of src/: imports go down only. See src/README.md. */
const layers = [
  ['core'],
  ['deb'],
  ['query', 'go'],
  ['config'],
  ['openpgp', 'fetch', 'pool', 'catalog', 'endpoint'],
  ['packages', 'keys'],
  ['mirror', 'repo', 'snapshot'],
  ['publish'],
  ['adopt', 'demo'],
  ['upkeep', 'http'],
  ['app'],
  ['aptly'],
  ['cli'],
];

const room = (name) => `^src/${name}/`;

const upward = layers.flatMap((names, depth) => {
  const above = layers.slice(depth + 1).flat();
  return names.flatMap((name) => {
    const beside = names.filter((other) => other !== name);
    const forbidden = [...above, ...beside];
    return forbidden.length === 0
      ? []
      : [
          {
            name: `${name}-imports-down-only`,
            severity: 'error',
            from: { path: room(name) },
            to: { path: forbidden.map(room) },
          },
        ];
  });
});

/** Ports have implementations that `app` alone chooses, and tests; a second one is a folder beside the first. */
const implementations = [
  ['catalog', '(sqlite/|file-lock|root-lock)'],
  ['pool', 'filesystem/'],
  ['endpoint', '(?!contract|place)'],
  ['fetch', '(create-fetcher|lazy-fetcher)'],
].map(([name, files]) => ({
  name: `only-app-chooses-implementations-of-${name}`,
  severity: 'error',
  from: { path: '^src/', pathNot: [room('app'), room(name)] },
  to: { path: room(name) + files },
}));

/** What a library does is said in the words of one room. */
const libraries = [
  ['undici', 'fetch'],
  ['openpgp', 'openpgp'],
  ['sqlite', 'catalog'],
].map(([library, name]) => ({
  name: `${library}-stays-in-${name}`,
  severity: 'error',
  from: { path: '^src/', pathNot: room(name) },
  to: { path: `(^|:|node_modules/)${library}(/|$)`, pathNot: '^src/' },
}));

module.exports = {
  forbidden: [
    ...upward,
    ...implementations,
    ...libraries,
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-tests-in-src', severity: 'error', from: { path: '^src/' }, to: { path: '^test/' } },
    {
      name: 'nothing-unresolved',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    builtInModules: { add: ['node:sqlite', 'node:test'] },
    exclude: { path: '^dist/' },
  },
};
