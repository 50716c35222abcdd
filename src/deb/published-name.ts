import { plainName } from './paths.ts';

type Identity = { readonly name: string; readonly version: string; readonly architecture: string };

/**
 * The name that the file of a binary package has in a published pool: its own, unless clients cannot ask for that, or it
 * says nothing of the version, so that the next version would come under the same name (`web.deb`,
 * `chrome_current_amd64.deb`). Then `<name>_<version without epoch>_<architecture>`, as dpkg-deb names files. It depends
 * on the package alone and thus never changes.
 * @param fileName its own name
 */
export function publishedFileName(fileName: string, { name, version, architecture }: Identity): string {
  const plain = version.slice(version.indexOf(':') + 1);
  if (isAskable(fileName) && lettersOf(fileName).includes(lettersOf(plain))) return fileName;
  const [suffix = '.deb'] = /\.[ud]?deb(?=$|[?#])/.exec(fileName) ?? [];
  return plainName(`${name}_${plain}_${architecture}`) + suffix;
}

/** apt sends `#` and `?` as they are, which cut a URL; espejo's server, as others, hides names with a dot in front. */
function isAskable(fileName: string): boolean {
  return !/[#?]/.test(fileName) && !fileName.startsWith('.');
}

/** Tools write `1.0~rc1` also as `1.0.rc1` and `1.0-rc1`. */
function lettersOf(text: string): string {
  return text.replace(/[^A-Za-z0-9]/g, '').toLowerCase();
}
