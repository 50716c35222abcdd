import { comparePrograms } from '../support/oracle/compare-programs.ts';
import { scenarios } from './scenarios/all.ts';

comparePrograms(scenarios.published);
