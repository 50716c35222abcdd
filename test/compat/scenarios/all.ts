import { adoptionScenarios } from './adoption.ts';
import { badPackageScenarios } from './bad-packages.ts';
import { commandLineScenarios } from './command-line.ts';
import { dbScenarios } from './db.ts';
import { grammarScenarios } from './grammar.ts';
import { mirrorScenarios } from './mirror.ts';
import { mirrorCreateScenarios } from './mirror-create.ts';
import { mirrorUpdateScenarios } from './mirror-update.ts';
import { otherScenarios } from './other.ts';
import { packageScenarios } from './package.ts';
import { publishScenarios } from './publish.ts';
import { publishChangeScenarios } from './publish-change.ts';
import { publishEndpointScenarios } from './publish-endpoints.ts';
import { relationScenarios } from './relations.ts';
import { repoScenarios } from './repo.ts';
import { repoInUseScenarios } from './repo-in-use.ts';
import { repoIncludeScenarios, uploadersScenarios } from './repo-include.ts';
import { repoPackageScenarios } from './repo-packages.ts';
import { snapshotScenarios } from './snapshot.ts';
import { snapshotAlgebraScenarios } from './snapshot-algebra.ts';

/** What aptly and espejo are asked, in two halves that two processes take: about the same work each. */
export const scenarios = {
  /** Mirrors, repositories, packages, and the command line. */
  unpublished: [
    ...commandLineScenarios,
    ...badPackageScenarios,
    ...grammarScenarios,
    ...mirrorCreateScenarios,
    ...mirrorScenarios,
    ...mirrorUpdateScenarios,
    ...otherScenarios,
    ...packageScenarios,
    ...relationScenarios,
    ...repoScenarios,
    ...repoIncludeScenarios,
    ...repoPackageScenarios,
    ...uploadersScenarios,
  ],
  /** Snapshots, publications, and what needs them. */
  published: [
    ...adoptionScenarios,
    ...dbScenarios,
    ...publishScenarios,
    ...publishChangeScenarios,
    ...publishEndpointScenarios,
    ...repoInUseScenarios,
    ...snapshotScenarios,
    ...snapshotAlgebraScenarios,
  ],
} as const;
