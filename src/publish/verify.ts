import type { PublicationConfig } from '../config/config.ts';
import { throwIfAborted } from '../core/abort.ts';
import { assertFacts, DigestMeter, digestNames, type FileFacts } from '../core/digest.ts';
import { EspejoError, isEspejoError, systemCode } from '../core/errors.ts';
import { fileError } from '../core/files.ts';
import type { Job, Reporter } from '../core/progress.ts';
import { aptProblem, aptProblemText } from '../deb/apt-syntax.ts';
import { Stanza } from '../deb/control.ts';
import { type Oddity, readParagraphs } from '../deb/index-reader.ts';
import { inflate } from '../deb/inflate.ts';
import { mendParagraph } from '../deb/mend-paragraph.ts';
import { BinaryPackage, type PackageFile, SourcePackage } from '../deb/package.ts';
import { byHashPath } from '../deb/paths.ts';
import { parseRelease, type Release } from '../deb/release.ts';
import type { OpenFile, View } from '../endpoint/contract.ts';
import type { CheckedSignature, Keyring, SignatureDoubt } from '../openpgp/contract.ts';
import { loadKeyring } from '../openpgp/keyring.ts';
import { verifyClearsigned, verifyDetached } from '../openpgp/verify.ts';

export type VerifyPorts = {
  /** What clients see. */
  readonly view: View;
  readonly now: () => Date;
};

export type VerifyRequest = {
  readonly publication: Pick<PublicationConfig, 'name' | 'distribution' | 'sign'>;
  /** Armored; undefined when there is no key, which is a fault unless the publication is unsigned. */
  readonly publicKey: string | undefined;
  /** How a damaged tree is written again. */
  readonly repair: string;
};

export type VerifyResult = {
  readonly publication: string;
  readonly indexes: number;
  readonly packages: number;
  readonly files: number;
  readonly bytes: number;
};

const compressedSuffixes = ['.gz', '.xz', '.bz2'] as const;

const maxNamedProblems = 5;

/**
 * Walks a published tree as a client does, from the signature to the last byte of the last package, and trusts
 * nothing else: not the catalog, not the pool, not that a file exists.
 * @throws E_VERIFY_FAILED names what differs; E_KEYRING_INVALID; E_ABORTED
 */
export async function verifyPublication(
  ports: VerifyPorts,
  request: VerifyRequest,
  job: Job,
): Promise<VerifyResult> {
  const { publication } = request;
  job.report({ type: 'phase', phase: 'verify', subject: publication.name });
  const walk = new TreeWalk(ports, `dists/${publication.distribution}`, job.signal);
  const release = await walk.release(request, job.report);
  if (release !== undefined) await walk.indexes(release);
  await walk.packageFiles();
  return walk.finish(request);
}

class TreeWalk {
  readonly #view: View;
  /** When it is judged. */
  readonly #now: Date;
  /** As it is named in problems: `dists/xenial`. */
  readonly #dist: string;
  readonly #signal: AbortSignal;
  readonly #problems: string[] = [];
  readonly #files = new Map<string, PackageFile>();
  readonly #packages = new Set<string>();
  #indexes = 0;
  #bytes = 0;

  constructor({ view, now }: VerifyPorts, dist: string, signal: AbortSignal) {
    this.#view = view;
    this.#now = now();
    this.#dist = dist;
    this.#signal = signal;
  }

  async release(request: VerifyRequest, report: Reporter): Promise<Release | undefined> {
    const content = await this.#read('Release');
    if (content === undefined) return undefined;
    if (request.publication.sign) await this.#signatures(content, request, report);
    try {
      const release = parseRelease(content, `${this.#dist}/Release`);
      this.#problems.push(...release.faults);
      if (release.validUntil !== undefined && release.validUntil < this.#now) {
        this.#problems.push(`${this.#dist}/Release: was valid until ${release.validUntil.toISOString()}`);
      }
      return release;
    } catch (error) {
      this.#note(error);
      return undefined;
    }
  }

  async indexes(release: Release): Promise<void> {
    for (const [path, facts] of release.files) {
      throwIfAborted(this.#signal);
      if (isDescribedOnly(path, release)) continue;
      if (!(await this.#indexMatches(path, facts))) continue;
      this.#indexes += 1;
      if (release.acquireByHash) await this.#byHash(path, facts);
      await this.#inflated(path, release);
    }
    for (const path of release.files.keys()) {
      if (/(^|\/)(Packages|Sources)$/.test(path)) await this.#parse(path);
    }
  }

  async packageFiles(): Promise<void> {
    for (const [path, file] of this.#files) {
      throwIfAborted(this.#signal);
      await this.#matches(path, file.facts);
    }
  }

  finish({ publication: { name: publication }, repair }: VerifyRequest): VerifyResult {
    const problems = this.#problems;
    if (problems.length === 0) {
      const files = this.#files.size;
      return {
        publication,
        indexes: this.#indexes,
        packages: this.#packages.size,
        files,
        bytes: this.#bytes,
      };
    }
    const more = problems.length - maxNamedProblems;
    const list = problems.slice(0, maxNamedProblems).join('; ') + (more > 0 ? `; and ${more} more` : '');
    throw new EspejoError('E_VERIFY_FAILED', `publication ${publication}: ${list}`, {
      context: { problems },
      hint: `${repair}, and find out who changed it`,
    });
  }

  async #signatures(content: Buffer, { publicKey }: VerifyRequest, report: Reporter): Promise<void> {
    if (publicKey === undefined) {
      this.#problems.push('there is no public key to verify the signatures with');
      return;
    }
    const keyring = await loadKeyring([{ armored: publicKey }]);
    const weak = new Set([
      ...(await this.#inRelease(content, keyring)),
      ...(await this.#releaseGpg(content, keyring)),
    ]);
    for (const message of weak) report({ type: 'warning', message });
  }

  async #inRelease(content: Buffer, keyring: Keyring): Promise<readonly string[]> {
    const document = await this.#read('InRelease');
    if (document === undefined) return [];
    try {
      const signed = await verifyClearsigned(document, keyring, this.#now);
      if (!signed.content.equals(content)) this.#problems.push(`${this.#dist}: InRelease and Release differ`);
      return this.#judge('InRelease', signed.signatures);
    } catch (error) {
      this.#note(error, `${this.#dist}/InRelease`);
      return [];
    }
  }

  async #releaseGpg(content: Buffer, keyring: Keyring): Promise<readonly string[]> {
    const signature = await this.#read('Release.gpg');
    if (signature === undefined) return [];
    try {
      return this.#judge('Release.gpg', await verifyDetached(content, signature, keyring, this.#now));
    } catch (error) {
      this.#note(error, `${this.#dist}/Release.gpg`);
      return [];
    }
  }

  /** @returns what newer clients have against keys that apt 2.6 takes */
  #judge(name: string, signatures: readonly CheckedSignature[]): readonly string[] {
    const weak = signatures.filter(({ doubts }) => doubts.length > 0 && doubts.every(isOfKey));
    const wrong = signatures.filter((signature) => signature.status !== 'good' && !weak.includes(signature));
    if (signatures.length > 0 && wrong.length === 0) {
      return weak.map(
        ({ keyId, reason }) => `${this.#dist}: signed by ${keyId}, which newer clients refuse: ${reason}`,
      );
    }
    const reasons = wrong.map(({ keyId, status }) => `${keyId} ${status}`).join(', ') || 'no signature';
    this.#problems.push(`${this.#dist}/${name}: ${reasons}`);
    return [];
  }

  async #byHash(path: string, facts: FileFacts): Promise<void> {
    for (const name of digestNames) {
      const hex = facts.digests[name];
      if (hex !== undefined) await this.#indexMatches(byHashPath(path, name, hex), facts);
    }
  }

  /** A compressed index must inflate to what Release says of the plain one. */
  async #inflated(path: string, release: Release): Promise<void> {
    const suffix = compressedSuffixes.find((ending) => path.endsWith(ending));
    const plain = suffix === undefined ? undefined : release.files.get(path.slice(0, -suffix.length));
    if (suffix === undefined || plain === undefined) return;
    const meter = new DigestMeter();
    const what = `${this.#dist}/${path} (inflated)`;
    try {
      await inflate(
        await this.#open(`${this.#dist}/${path}`),
        suffix,
        { what, maxBytes: plain.size, signal: this.#signal },
        async (bytes) => {
          for await (const chunk of bytes) meter.update(chunk);
        },
      );
      assertFacts(what, plain, meter.finish());
    } catch (error) {
      throwIfAborted(this.#signal);
      this.#note(error, `${this.#dist}/${path}`);
    }
  }

  async #parse(path: string): Promise<void> {
    const what = `${this.#dist}/${path}`;
    try {
      const onOdd = ({ isLeftOut, message }: Oddity): void => {
        if (isLeftOut) this.#problems.push(message);
      };
      for await (const paragraphs of readParagraphs(await this.#open(what), { what, onOdd })) {
        for (const raw of paragraphs) this.#remember(path, raw, what);
      }
    } catch (error) {
      this.#note(error, what);
    }
  }

  /** What is wrong with one paragraph does not keep the others from being read. */
  #remember(path: string, written: Buffer, what: string): void {
    for (const raw of asAptReads(written)) {
      try {
        this.#rememberFiles(path.endsWith('Sources') ? sourceOf(raw, what) : this.#binaryOf(raw, what));
      } catch (error) {
        this.#note(error, what);
      }
    }
  }

  /** As apt reads it, and no stricter. */
  #binaryOf(raw: Buffer, what: string): BinaryPackage {
    const stanza = new Stanza(raw, what);
    const [name = '', version = '', architecture = ''] = stanza.pick(['package', 'version', 'architecture']);
    const label = `${name}_${version}_${architecture}`;
    const problem = name === '' || version === '' ? undefined : aptProblem(stanza);
    if (name === '')
      this.#problems.push(`${what}: a paragraph has no Package, and apt refuses the index for it`);
    else if (version === '') this.#problems.push(`${what}: ${name}: has no Version, and apt passes over it`);
    if (problem !== undefined)
      this.#problems.push(`${what}: ${label}: ${aptProblemText(problem)}, and apt refuses the index for it`);
    return BinaryPackage.kept({ name, version, architecture, stanza: raw }, 'deb', { what });
  }

  #rememberFiles(pkg: BinaryPackage | SourcePackage): void {
    this.#packages.add(pkg.key);
    for (const file of pkg.kind === 'source' ? pkg.files : [pkg.file]) {
      const known = this.#files.get(file.path);
      if (known !== undefined && known.facts.digests.sha256 !== file.facts.digests.sha256) {
        this.#problems.push(`${file.path}: two indexes give it different digests`);
      }
      this.#files.set(file.path, file);
    }
  }

  async #indexMatches(path: string, expected: FileFacts): Promise<boolean> {
    return await this.#matches(`${this.#dist}/${path}`, expected);
  }

  async #matches(path: string, expected: FileFacts): Promise<boolean> {
    try {
      const file = await this.#find(path);
      assertFacts(path, { size: expected.size }, { size: file.size, digests: {} });
      const meter = new DigestMeter(digestNames.filter((name) => expected.digests[name] !== undefined));
      for await (const chunk of file.read()) {
        throwIfAborted(this.#signal);
        meter.update(chunk);
      }
      assertFacts(path, expected, meter.finish());
      this.#bytes += file.size;
      return true;
    } catch (error) {
      throwIfAborted(this.#signal);
      this.#note(error, path);
      return false;
    }
  }

  async #read(name: string): Promise<Buffer | undefined> {
    const path = `${this.#dist}/${name}`;
    try {
      return Buffer.concat(await Array.fromAsync(await this.#open(path)));
    } catch (error) {
      this.#note(error, path);
      return undefined;
    }
  }

  async #open(path: string): Promise<AsyncIterable<Buffer>> {
    return (await this.#find(path)).read();
  }

  async #find(path: string): Promise<OpenFile> {
    const file = await this.#view.open(path);
    if (file === undefined) throw new Missing();
    return file;
  }

  /** Keeps a difference as a sentence; what is no difference but a fault of the machine or a bug is thrown. */
  #note(error: unknown, path?: string): void {
    const isMissing = error instanceof Missing || systemCode(error) === 'ENOENT';
    if (isMissing) this.#problems.push(`${path ?? 'a file'}: is missing`);
    else if (isEspejoError(error)) this.#problems.push(problemOf(error, path));
    else throw fileError(error, `cannot read ${path ?? this.#dist}`);
  }
}

/** A file that clients cannot get. */
class Missing extends Error {}

/** A digest that is too weak is refused by apt 2.6 already, and so is a key that has expired. */
function isOfKey(doubt: SignatureDoubt): boolean {
  return doubt === 'weak-key';
}

/** aptly publishes lines that the policy does not know (`#Pre-Depends: x`, a field twice); apt makes sense of them. */
function asAptReads(raw: Buffer): readonly Buffer[] {
  try {
    new Stanza(raw).readFields('latin1');
    return [raw];
  } catch (error) {
    if (!isEspejoError(error, 'E_CONTROL_SYNTAX')) throw error;
    return mendParagraph(raw).map((mended) => mended.raw);
  }
}

function sourceOf(raw: Buffer, what: string): SourcePackage {
  return SourcePackage.fromParagraph(raw, { what });
}

/** The plain form of a Contents index is in Release, but not in the tree; see {@link TreeWalk.indexes}. */
function isDescribedOnly(path: string, { files }: Release): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return name.startsWith('Contents-') && !name.includes('.') && files.has(`${path}.gz`);
}

function problemOf({ message }: EspejoError, path: string | undefined): string {
  return path === undefined || message.startsWith(path) ? message : `${path}: ${message}`;
}
