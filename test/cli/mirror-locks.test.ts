import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type MirrorSite, makeMirrorSite } from '../builders/mirror-site.ts';
import { type CliRun, espejoProgram, type RunningCli, startCli } from '../support/run-cli.ts';

const atOnce = '-lock-wait=0s';

/** A site whose upstream may let a client wait for long. */
async function patientSite(): Promise<MirrorSite> {
  const site = await makeMirrorSite();
  site.configure((config) => ({ ...config, limits: { ...config.limits, timeout: '60s' } }));
  return site;
}

/** What the upstream holds back: whom it is asked for it and how it is let go. */
type Held = { readonly asked: Promise<void>; release(): void };

/** Lets whoever asks for a file that fits wait until it is released; from then on all is as it was. */
function holdBack({ upstream }: MirrorSite, pattern: RegExp): Held {
  const asked = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const bodies = [...upstream.files].filter(([path]) => pattern.test(path));
  for (const [path, body] of bodies) {
    assert.ok(body instanceof Buffer);
    upstream.files.set(path, async (_, response) => {
      asked.resolve();
      await released.promise;
      response.end(body);
    });
  }
  return {
    asked: asked.promise,
    release() {
      for (const [path, body] of bodies) upstream.files.set(path, body);
      released.resolve();
    },
  };
}

/** Once the upstream is asked for what it holds back; a command that ends before is a fault. */
async function asked(held: Held, { ended }: RunningCli): Promise<void> {
  const early = await Promise.race([held.asked, ended]);
  assert.equal(early, undefined, 'it ended before it asked for what is held back');
}

async function succeeded(run: Promise<CliRun>): Promise<CliRun> {
  const ended = await run;
  assert.equal(ended.exit, 0, ended.stderr);
  return ended;
}

async function killed({ child, ended }: RunningCli): Promise<void> {
  child.kill('SIGKILL');
  await ended;
}

const createMirror = (site: MirrorSite): Promise<CliRun> =>
  succeeded(
    site.run('mirror', 'create', '-ignore-signatures', 'm', site.upstream.url, 'xenial', 'main', 'universe'),
  );

describe('commands beside an update that waits for its upstream', () => {
  test('a sync: others publish, make repositories and snapshots at once; what it needs stays', async () => {
    await using site = await patientSite();
    await succeeded(site.run('sync'));
    await site.turnTo(1);
    const held = holdBack(site, /\.deb$/);
    const syncing = site.start('sync');
    await asked(held, syncing);

    await succeeded(site.run('publish', atOnce));
    await succeeded(site.run('repo', 'create', atOnce, 'r'));
    await succeeded(site.run('snapshot', 'create', atOnce, 's', 'from', 'repo', 'r'));
    await succeeded(site.run('snapshot', 'create', atOnce, 'before', 'from', 'mirror', 'xenial:xenial'));
    const [other, cleanup, shown] = await Promise.all([
      site.run('sync', atOnce),
      site.run('db', 'cleanup', atOnce),
      site.run('mirror', 'show', 'xenial:xenial'),
    ]);
    held.release();
    await succeeded(syncing.ended);

    const holder = `process ${syncing.child.pid} on \\S+ \\(sync xenial, since \\S+Z\\)`;
    assert.match(
      other.stderr,
      new RegExp(`mirror xenial is being updated by ${holder}.*\\[E_LOCKED\\]`, 's'),
    );
    assert.match(
      cleanup.stderr,
      new RegExp(
        `mirror is locked by update operation, PID ${syncing.child.pid} \\(sync xenial on \\S+, since \\S+Z\\)`,
      ),
    );
    assert.match(shown.stdout, new RegExp(`^Status: In Update \\(PID ${syncing.child.pid}\\)$`, 'm'));
    await succeeded(site.run('publish'));
    await succeeded(site.run('db', 'cleanup'));
    await succeeded(site.run('verify'));
  });

  for (const [what, pattern] of [
    ['Release', /xenial\/(In)?Release$/],
    ['an index', /xenial\/main\/binary-amd64\/(Packages|by-hash)/],
    ['a package', /\.deb$/],
  ] as const) {
    test(`a mirror update that waits for ${what}`, async () => {
      await using site = await patientSite();
      await createMirror(site);
      const held = holdBack(site, pattern);
      const updating = site.start('mirror', 'update', '-ignore-signatures', 'm');
      await asked(held, updating);

      await succeeded(site.run('repo', 'create', atOnce, 'r'));
      await succeeded(site.run('snapshot', 'create', atOnce, 's', 'from', 'repo', 'r'));
      await succeeded(
        site.run(
          'publish',
          'snapshot',
          atOnce,
          '-skip-signing',
          '-architectures=amd64',
          '-distribution=d',
          's',
        ),
      );
      const cleanup = await site.run('db', 'cleanup', atOnce);
      held.release();
      await succeeded(updating.ended);

      assert.equal(cleanup.exit, 1);
      assert.match(cleanup.stderr, new RegExp(`locked by update operation, PID ${updating.child.pid}`));
      await succeeded(site.run('snapshot', 'create', 'm1', 'from', 'mirror', 'm'));
    });
  }
});

describe('a mirror update that is killed', () => {
  test('at any point leaves a mirror that can be used right after', async () => {
    await using site = await patientSite();
    await createMirror(site);
    const points = [/xenial\/(In)?Release$/, /main\/binary-amd64\/(Packages|by-hash)/, /\.deb$/];
    for (const point of points) {
      const held = holdBack(site, point);
      const updating = site.start('mirror', 'update', '-ignore-signatures', 'm');
      await asked(held, updating);
      await killed(updating);
      held.release();

      const shown = await succeeded(site.run('mirror', 'show', 'm'));
      await succeeded(site.run('mirror', 'edit', '-with-sources=false', 'm'));
      await succeeded(site.run('db', 'cleanup'));

      assert.doesNotMatch(shown.stdout, /In Update/);
    }
    await succeeded(site.run('mirror', 'update', '-ignore-signatures', 'm'));
    await succeeded(site.run('snapshot', 'create', 's', 'from', 'mirror', 'm'));
  });

  test('leaves half-written files, which the next run takes away once they are old', async () => {
    await using site = await patientSite();
    await createMirror(site);
    const left = (name: string, age: number): void => {
      const path = join(site.root, 'db', name);
      const time = Date.now() / 1000 - age;
      writeFileSync(path, '');
      utimesSync(path, time, time);
    };
    left('.0123456789ab.tmp', 7200);
    left('.ba9876543210.tmp', 0);

    await succeeded(site.run('mirror', 'update', '-ignore-signatures', 'm'));

    const names = readdirSync(join(site.root, 'db')).filter((name) => name.endsWith('.tmp'));
    assert.deepEqual(names, ['.ba9876543210.tmp']);
  });
});

test('containers that share a root see the locks of each other', { skip: withoutNamespaces() }, async () => {
  await using site = await patientSite();
  await createMirror(site);
  const held = holdBack(site, /\.deb$/);
  const words = [...inOwnNamespace, espejoProgram, 'mirror', 'update', '-ignore-signatures', 'm'];
  const updating = startCli(words, { cwd: site.directory, program: 'unshare' });
  await asked(held, updating);

  const cleanup = await site.run('db', 'cleanup', atOnce);
  const update = await site.run('mirror', 'update', '-ignore-signatures', 'm');
  await killed(updating);
  held.release();

  assert.match(cleanup.stderr, /mirror is locked by update operation, PID \d+/);
  assert.match(update.stderr, /mirror is locked by update operation, PID \d+/);
  await succeeded(site.run('mirror', 'update', '-ignore-signatures', 'm'));
});

const inOwnNamespace = ['--map-root-user', '--pid', '--fork', '--kill-child', '--mount-proc'];

/** The reason to skip a test that needs namespaces of processes, or false. */
function withoutNamespaces(): string | false {
  try {
    execFileSync('unshare', ['--map-root-user', '--pid', '--fork', '--kill-child', '--mount-proc', 'true'], {
      stdio: 'ignore',
    });
    return false;
  } catch {
    return 'this machine lets nobody make a namespace of processes';
  }
}
