import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { MirrorObject } from '../../../src/catalog/objects.ts';
import { openSqliteCatalog } from '../../../src/catalog/sqlite/catalog.ts';
import { mirror } from '../../../src/cli/aptly/mirror.ts';
import { run as sync } from '../../../src/cli/commands/sync.ts';
import { makeMirrorObject } from '../../builders/library-objects.ts';
import { type MirrorSite, makeMirrorSite, type SiteConfig } from '../../builders/mirror-site.ts';
import { whileHeld } from '../../support/held-mirror.ts';
import { invoke } from '../../support/invoke.ts';

describe('what sync keeps, as mirrors', () => {
  let site: MirrorSite;
  let config: string;
  before(async () => {
    site = await makeMirrorSite();
    config = join(site.directory, 'espejo.yaml');
    await invoke(sync, { config });
  });
  after(() => site?.[Symbol.asyncDispose]());

  async function mirrors(change: readonly MirrorObject[] = []): Promise<readonly MirrorObject[]> {
    const catalog = await openSqliteCatalog(join(site.root, 'db/espejo.db'));
    try {
      await catalog.objects.change(change.map((object) => ({ save: 'mirror', object })));
      return await catalog.objects.all('mirror');
    } finally {
      await catalog.close();
    }
  }

  it('is listed, one mirror a suite', async () => {
    const { stdout } = await invoke(mirror.list, { config });

    assert.equal(
      site.normal(stdout),
      `List of mirrors:
 * [xenial:xenial]: <upstream>/ xenial
 * [xenial:xenial-security]: <upstream>/ xenial-security
 * [xenial:xenial-updates]: <upstream>/ xenial-updates

To get more information about mirror, run \`espejo mirror show <name>\`.
`,
    );
  });

  it('is shown, with the packages of all components', async () => {
    const { stdout } = await invoke(mirror.show, {
      config,
      args: ['xenial:xenial'],
      flags: { 'with-packages': true },
    });

    assert.equal(
      site.normal(stdout).replace(/^Last update: .*$/m, 'Last update: <time>'),
      `Name: xenial:xenial
Archive Root URL: <upstream>/
Distribution: xenial
Components: main, universe
Architectures: amd64
Download Sources: no
Download .udebs: no
Download AppStream: no
Filter: mirror-games | mirror-tools (>= 1.0-1)
Filter With Deps: yes
Last update: <time>
Number of packages: 3

Information from release file:
Acquire-By-Hash: yes
Architectures: amd64
Codename: xenial
Components: main universe
Date: Thu, 21 Apr 2016 23:23:46 UTC
Description:  An archive that espejo made in code

Label: Espejo demo
Origin: Espejo demo
Suite: xenial
Packages:
  mirror-base_1.0_all
  mirror-games_0.9-2_all
  mirror-postman_2.3-1_amd64
`,
    );
  });

  it('is searched', async () => {
    const found = await invoke(mirror.search, { config, args: ['xenial:xenial', 'Name (% mirror-[bg]*)'] });

    assert.equal(found.stdout, 'mirror-base_1.0_all\nmirror-games_0.9-2_all\n');
    await assert.rejects(invoke(mirror.search, { config, args: ['xenial:xenial', 'mirror-tools'] }), {
      code: 'E_OBJECT_NOT_FOUND',
      message: 'no results',
    });
  });

  it('is neither dropped nor renamed: the configuration decides', async () => {
    const reason = `mirror xenial:xenial is kept by "sync" for the mirror xenial of ${config}`;

    const dropped = invoke(mirror.drop, { config, args: ['xenial:xenial'], flags: { force: true } });
    await assert.rejects(dropped, { code: 'E_OBJECT_IN_USE', message: `unable to drop: ${reason}` });
    const renamed = invoke(mirror.rename, { config, args: ['xenial:xenial', 'mine'] });
    await assert.rejects(renamed, { code: 'E_OBJECT_IN_USE', message: `unable to rename: ${reason}` });
  });

  it('stays the same while nothing changes, and follows what does', async () => {
    const first = await mirrors();

    await invoke(sync, { config });
    const unchanged = await mirrors();
    await site.turnTo(1);
    await invoke(sync, { config });
    const turned = await mirrors();

    assert.deepEqual(unchanged, first);
    assert.deepEqual(
      turned.map(({ uuid }) => uuid),
      first.map(({ uuid }) => uuid),
    );
    const updates = await invoke(mirror.search, { config, args: ['xenial:xenial-updates'] });
    assert.equal(updates.stdout, 'mirror-tools_1.0-1ubuntu2_amd64\n');
  });

  it('leaves a mirror of the same name alone and is refused; goes with its suite', async () => {
    const suites = (names: readonly string[]) => (one: SiteConfig) => ({
      ...one,
      mirrors: { xenial: { ...one.mirrors.xenial, suites: names } },
    });
    site.configure(suites(['xenial', 'xenial-updates']));
    await invoke(sync, { config });
    const byHand = makeMirrorObject({ name: 'xenial:xenial-security' });
    const before = await mirrors([byHand]);
    site.configure((same) => same);

    const refused = invoke(sync, { config });

    await assert.rejects(refused, {
      code: 'E_NAME_TAKEN',
      message:
        'mirror xenial:xenial-security was made by hand, and "sync" needs its name for a suite of xenial',
      hint: 'give it another name: mirror rename xenial:xenial-security <new name>',
    });
    assert.deepEqual(
      before.map(({ name }) => name),
      ['xenial:xenial', 'xenial:xenial-security', 'xenial:xenial-updates'],
    );
    assert.deepEqual(await mirrors(), before);
  });
});

describe('a mirror that a configured mirror kept', () => {
  it('can be dropped once the configuration does not have it any more', async () => {
    await using site = await makeMirrorSite();
    const config = join(site.directory, 'espejo.yaml');
    await invoke(sync, { config });
    site.configure((one) => ({ ...one, mirrors: { other: one.mirrors.xenial }, publications: {} }));

    const { stdout } = await invoke(mirror.drop, { config, args: ['xenial:xenial'] });

    assert.equal(stdout, 'Mirror `xenial:xenial` has been removed.\n');
  });
});

describe('a mirror that a process updates', () => {
  it('is neither dropped nor renamed', async () => {
    await using site = await makeMirrorSite();
    const config = join(site.directory, 'espejo.yaml');
    const catalog = await openSqliteCatalog(join(site.root, 'db/espejo.db'));
    const object = makeMirrorObject({ name: 'busy' });
    await catalog.objects.change([{ save: 'mirror', object }]);
    await catalog.close();

    await whileHeld(site.root, object, async () => {
      const reason = `mirror is locked by update operation, PID ${process.pid} \\(mirror update busy on \\S+, since \\d{4}-\\S+Z\\)`;
      await assert.rejects(invoke(mirror.drop, { config, args: ['busy'] }), {
        message: new RegExp(`^unable to drop: ${reason}$`),
      });
      await assert.rejects(invoke(mirror.rename, { config, args: ['busy', 'x'] }), {
        message: new RegExp(`^unable to rename: ${reason}$`),
      });
    });
    await invoke(mirror.drop, { config, args: ['busy'] });
  });
});
