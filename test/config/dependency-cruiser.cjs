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

module.exports = {
  forbidden: [
    ...upward,
    {
      name: 'only-app-opens-endpoints',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/app/', '^src/endpoint/'] },
      to: { path: '^src/endpoint/(?!contract|place)' },
    },
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
    exclude: { path: '^(dist|node_modules)/' },
  },
};
