import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { runClient } from './support/client.ts';
import { skipWithoutEngine } from './support/engine.ts';
import { buildClientImage, type ClientImage } from './support/images.ts';
import { makeSite, type TestSite } from './support/site.ts';

const suite = 'xenial';
const skip = await skipWithoutEngine();

/** Changes one byte of each file that `find` prints, through a copy: published files may be links into the pool. */
const damage = (find: string) =>
  `${find} | while read -r file; do
     cp "$file" /tmp/damaged
     printf '\\001' | dd of=/tmp/damaged bs=1 seek=40 conv=notrunc 2>/dev/null
     rm -f "$file"
     cp /tmp/damaged "$file"
     echo "$file"
   done`;

describe('a client of a mirror whose published tree was tampered with', { skip, timeout: 300_000 }, () => {
  let site: TestSite;
  let client: ClientImage;

  before(async () => {
    site = await makeSite({
      suite,
      packages: ['greeting'],
      fill: (archive) => archive.addPackage({ name: 'greeting', version: '1.0' }),
    });
    client = await buildClientImage('bookworm', site.mirror.key, 'tampering');
    site.defer(client.remove);
  });

  after(async () => {
    await site?.remove();
  });

  it('installs as long as nothing was changed', async () => {
    const { status, output } = await runClient({
      ...site,
      image: client.image,
      suite,
      packages: ['greeting'],
    });

    assert.equal(status, 0, output);
  });

  it('refuses a changed package', async () => {
    const changed = await site.mirror.shell(damage("find /var/lib/espejo/public/ -name '*.deb'"));

    const { status, output } = await runClient({
      ...site,
      image: client.image,
      suite,
      packages: ['greeting'],
    });

    assert.match(changed, /greeting_1\.0_amd64\.deb/);
    assert.equal(status, 1, output);
    assert.match(output, /Hash Sum mismatch|unexpected size/i);
    assert.doesNotMatch(output, /^installed /m);
  });

  it('refuses a changed index', async () => {
    const indexes = "find /var/lib/espejo/public/ -path '*binary-amd64*' -type f ! -name Release";
    const changed = await site.mirror.shell(damage(indexes));

    const { status, output } = await runClient({
      ...site,
      image: client.image,
      suite,
      packages: ['greeting'],
    });

    assert.match(changed, /binary-amd64/);
    assert.equal(status, 1, output);
    assert.match(output, /apt does not trust the mirror/);
  });
});
