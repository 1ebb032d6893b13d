/**
 * The import directions between rooms (ARCHITECTURE.md, "Rooms"). `only(room, allowed)` forbids a room every
 * import from another room that is not in its list.
 */
const rooms = [
  'proto',
  'model',
  'request',
  'shop',
  'plant',
  'warehouse',
  'guest',
  'registry',
  'cli',
  'dev',
  'quickstart',
  'setup',
  'bench',
  'test',
  'docs',
];

const only = (room, allowed) => ({
  name: `${room}-imports`,
  comment: `${room}/ may import ${allowed.length === 0 ? 'no other room' : allowed.join(', ')}`,
  severity: 'error',
  from: { path: `^${room}/` },
  to: { path: `^(${rooms.filter((other) => other !== room && !allowed.includes(other)).join('|')})/` },
});

const onlyIn = (library, path) => ({
  name: `${library}-only-in-one-place`,
  comment: `${library} is imported only from ${path}`,
  severity: 'error',
  from: { pathNot: `${path}|^test/` },
  to: { path: `node_modules/${library}/` },
});

module.exports = {
  forbidden: [
    only('model', []),
    only('guest', []),
    only('request', ['model']),
    only('proto', ['model']),
    only('registry', ['model']),
    only('warehouse', ['model']),
    only('cli', ['model', 'request']),
    only('plant', ['model', 'proto', 'warehouse', 'guest', 'registry', 'request', 'cli']),
    only('shop', ['model', 'proto', 'registry', 'request', 'cli', 'dev']),
    {
      ...only('dev', ['model', 'cli', 'plant']),
      comment:
        'dev/ may import model and cli, and of the plant how it lays out files: its data, an empty disk',
    },
    {
      name: 'dev-starts-plants-by-their-paths',
      comment: 'of the plant, dev/ knows how it lays out files and nothing else',
      severity: 'error',
      from: { path: '^dev/' },
      to: { path: '^plant/', pathNot: '^plant/(cli/layout|line/disk/qcow2)\\.ts$' },
    },
    {
      name: 'only-its-command-knows-the-cluster',
      comment: 'dev/ starts programs by their paths; of the shop only the command that does so imports it',
      severity: 'error',
      from: { path: '^shop/', pathNot: '^shop/cli/dev\\.ts$' },
      to: { path: '^dev/' },
    },
    {
      name: 'planner-is-pure',
      comment:
        'plant/planner/ decides and does nothing: it imports only model and itself, and no Node module',
      severity: 'error',
      from: { path: '^plant/planner/' },
      to: { pathNot: '^(plant/planner|model)/' },
    },
    {
      name: 'learning-decision-is-pure',
      comment:
        'plant/learn/decide/ decides and does nothing: it imports only model, the planner and itself, and no Node module',
      severity: 'error',
      from: { path: '^plant/learn/decide/' },
      to: { pathNot: '^(plant/learn/decide|plant/planner|model)/' },
    },
    {
      name: 'model-is-pure',
      comment: 'model/ touches nothing of the machine; digests are computed with node:crypto',
      severity: 'error',
      from: { path: '^model/' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
    },
    {
      name: 'only-command-lines-share-cli',
      comment: 'cli/ is shared by the two command lines, nothing else of shop and plant knows it',
      severity: 'error',
      from: { path: '^(shop|plant)/', pathNot: '^(shop|plant)/cli/' },
      to: { path: '^cli/' },
    },
    {
      name: 'servers-do-not-read-documents-from-commands',
      comment: 'nothing outside a command line imports one',
      severity: 'error',
      from: { path: '^(shop|plant)/', pathNot: '^(shop|plant)/cli/' },
      to: { path: '^(shop|plant)/cli/' },
    },
    onlyIn('chokidar', '^warehouse/'),
    onlyIn('etcd3', '^registry/etcd/'),
    onlyIn('better-sqlite3', '^plant/info/'),
    onlyIn('graphlib', '^model/indexedGraph\\.ts$'),
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'files do not import each other in a circle',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-barrels',
      severity: 'error',
      comment: 'no index.ts',
      from: {},
      to: { path: '(^|/)index\\.ts$', pathNot: 'node_modules' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|node_modules|coverage)/|^proto/gen/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
};
