import fc from 'fast-check';

const part = (alphabet: string): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength: 0, maxLength: 5 });

/** Valid Debian versions of few different characters, so that near-equal ones are frequent. */
export const version: fc.Arbitrary<string> = fc
  .tuple(
    fc.option(fc.nat({ max: 2 }), { nil: undefined }),
    fc.nat({ max: 11 }),
    part('0019.+~-aZ'),
    fc.option(fc.tuple(fc.constantFrom('0', '1', 'a', '~'), part('01.+~b')), { nil: undefined }),
  )
  .map(([epoch, first, upstream, revision]) => {
    const before = epoch === undefined ? '' : `${epoch}:`;
    const text = `${before}${first}${upstream}`;
    return revision === undefined ? text.replace(/-+$/, '') : `${text}-${revision.join('')}`;
  });

/** Names that packages, architectures and build profiles may have. */
export const packageName: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom('a', 'b', '0', 'lib'), part('ab0+-.'))
  .map((parts) => parts.join(''));
