import { debFile, type Files, incomingFiles } from '../../builders/incoming.ts';

/** Folders `in` (all fine) and `odd` (much of it is not), and uploaders.json. */
export const incoming: Files = await incomingFiles();

type Fields = Readonly<Record<string, string>>;

/**
 * Packages that depend on each other in most of the ways there are: below `a` a small archive, below `b` its next state
 * (newer versions, one package more, one less), below `c` packages that conflict with those of `a`.
 */
export const universe: Files = {
  ...(await folder('a', {
    'app_1.0_amd64': { Depends: 'lib (>= 1.0), mail-agent', Recommends: 'docs', Suggests: 'extra' },
    'app_1.0_i386': { Depends: 'lib (>= 1.0), mail-agent' },
    'lib_1.0_amd64': { Source: 'libsrc', Section: 'libs', Priority: 'optional', 'Installed-Size': '10' },
    'lib_1.0_i386': { Source: 'libsrc', Section: 'libs', Priority: 'extra' },
    'postfix_3.1_amd64': { Provides: 'mail-agent', Depends: 'nowhere' },
    'exim_4.2_amd64': { Provides: 'mta (= 4)', 'Pre-Depends': 'lib | docs' },
    'docs_1.0_all': {},
    'tool_2:1.0-1_amd64': { Depends: 'lib (<< 1.0) | other', Tag: 'role::program' },
  })),
  ...(await folder('b', {
    'app_1.1_amd64': { Depends: 'lib (>= 1.1), mail-agent' },
    'lib_1.1_amd64': { Source: 'libsrc (1.1-1)' },
    'lib_1.2~rc1_amd64': { Source: 'libsrc' },
    'postfix_3.1_amd64': { Provides: 'mail-agent', Depends: 'nowhere' },
    'docs_1.0_all': {},
    'extra_0.9_all': { Depends: 'app' },
    'tool_2:1.0-1_amd64': { Depends: 'lib (<< 1.0) | other', Tag: 'role::program' },
  })),
  ...(await folder('c', { 'lib_1.0_amd64': { Section: 'other' }, 'docs_1.0_all': { Section: 'doc' } })),
};

async function folder(name: string, packages: Readonly<Record<string, Fields>>): Promise<Files> {
  const files = Object.entries(packages).map(async ([label, fields]) => {
    return [`${name}/${label.replace(/_\d+:/, '_')}.deb`, await debFile(label, { fields })] as const;
  });
  return Object.fromEntries(await Promise.all(files));
}

/** Snapshots `s1` of the folder `a`, `s2` of `b`. */
export const twoSnapshots = ['a', 'b'].flatMap((name, at) => snapshotOf(name, at + 1));

/** And `s3` of the folder `c`. */
export const threeSnapshots = [...twoSnapshots, ...snapshotOf('c', 3)];

function snapshotOf(directory: string, number: number): readonly string[] {
  return [
    `repo create r${number}`,
    `repo add r${number} ${directory}`,
    `snapshot create s${number} from repo r${number}`,
  ];
}
