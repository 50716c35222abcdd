import type { Handler } from '../command.ts';

type Load = () => Promise<{ readonly run: Handler }>;

/**
 * A handler of a file that is loaded when its command runs.
 * @param load the handlers of a noun
 */
export function handlerOf<Name extends string>(
  load: () => Promise<Readonly<Record<Name, Handler>>>,
  name: NoInfer<Name>,
): Load {
  return async () => ({ run: (await load())[name] });
}

const mirror = async () => (await import('./mirror.ts')).mirror;
const db = async () => (await import('./db.ts')).db;
const other = async () => (await import('./other.ts')).other;
const packages = async () => (await import('./package.ts')).packages;
const publish = async () => (await import('./publish.ts')).publish;
const repo = async () => (await import('./repo.ts')).repo;
const snapshot = async () => (await import('./snapshot.ts')).snapshot;

/** The commands of aptly that are there, by their words; what is not listed here is no command of espejo yet. */
export const handlers: Readonly<Record<string, Load>> = {
  'config show': handlerOf(other, 'config show'),
  'db cleanup': handlerOf(db, 'cleanup'),
  'db recover': handlerOf(db, 'recover'),
  graph: handlerOf(other, 'graph'),
  'mirror create': handlerOf(mirror, 'create'),
  'mirror drop': handlerOf(mirror, 'drop'),
  'mirror edit': handlerOf(mirror, 'edit'),
  'mirror list': handlerOf(mirror, 'list'),
  'mirror rename': handlerOf(mirror, 'rename'),
  'mirror search': handlerOf(mirror, 'search'),
  'mirror show': handlerOf(mirror, 'show'),
  'mirror update': handlerOf(mirror, 'update'),
  'package search': handlerOf(packages, 'search'),
  'package show': handlerOf(packages, 'show'),
  'publish drop': handlerOf(publish, 'drop'),
  'publish list': handlerOf(publish, 'list'),
  'publish repo': handlerOf(publish, 'repo'),
  'publish show': handlerOf(publish, 'show'),
  'publish snapshot': handlerOf(publish, 'snapshot'),
  'publish source add': handlerOf(publish, 'source add'),
  'publish source drop': handlerOf(publish, 'source drop'),
  'publish source list': handlerOf(publish, 'source list'),
  'publish source remove': handlerOf(publish, 'source remove'),
  'publish source replace': handlerOf(publish, 'source replace'),
  'publish source update': handlerOf(publish, 'source update'),
  'publish switch': handlerOf(publish, 'switch'),
  'publish update': handlerOf(publish, 'update'),
  'repo add': handlerOf(repo, 'add'),
  'repo copy': handlerOf(repo, 'copy'),
  'repo create': handlerOf(repo, 'create'),
  'repo drop': handlerOf(repo, 'drop'),
  'repo edit': handlerOf(repo, 'edit'),
  'repo import': handlerOf(repo, 'import'),
  'repo include': handlerOf(repo, 'include'),
  'repo list': handlerOf(repo, 'list'),
  'repo move': handlerOf(repo, 'move'),
  'repo remove': handlerOf(repo, 'remove'),
  'repo rename': handlerOf(repo, 'rename'),
  'repo search': handlerOf(repo, 'search'),
  'repo show': handlerOf(repo, 'show'),
  serve: () => import('./serve.ts'),
  'snapshot create': handlerOf(snapshot, 'create'),
  'snapshot diff': handlerOf(snapshot, 'diff'),
  'snapshot drop': handlerOf(snapshot, 'drop'),
  'snapshot filter': handlerOf(snapshot, 'filter'),
  'snapshot list': handlerOf(snapshot, 'list'),
  'snapshot merge': handlerOf(snapshot, 'merge'),
  'snapshot pull': handlerOf(snapshot, 'pull'),
  'snapshot rename': handlerOf(snapshot, 'rename'),
  'snapshot search': handlerOf(snapshot, 'search'),
  'snapshot show': handlerOf(snapshot, 'show'),
  'snapshot verify': handlerOf(snapshot, 'verify'),
  'task run': handlerOf(other, 'task run'),
  version: async () => ({ run: tellVersion }),
};

async function tellVersion() {
  const { version } = await import('../../app/version.ts');
  return { lines: [`espejo version: ${version}`] };
}
