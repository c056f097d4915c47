import { describe, expect, it } from '@jest/globals';
import { at, whoMay } from '@yanxiu/testkit/acting';
import { may as mayAssess } from '../agency/rules.js';
import { may as mayAnonymously } from '../anonymous/rules.js';
import { may as mayInstrument } from '../instrument/rules.js';
import { may as mayProject } from '../project/rules.js';
import { may } from './rules.js';

const ours = { code: '140403', governed: true };
const another = { code: '140202', governed: false };

describe('who may, in an evaluation', () => {
  it('supervise: a department over the organiser', () => {
    const supervises = (organiser: typeof ours) =>
      whoMay((actor) => may(actor, 'supervise', organiser));
    expect(supervises(ours)).toEqual(at('OFFICER', 'PROVINCE', 'CITY', 'COUNTY'));
    expect(supervises(another)).toEqual([]);
  });

  it('close: an officer over the organiser', () => {
    const closes = (organiser: typeof ours) =>
      whoMay((actor) => mayProject(actor, 'close', organiser));
    expect(closes(ours)).toEqual(at('OFFICER'));
    expect(closes(another)).toEqual([]);
  });

  it('assess: an agency, wherever it was named', () => {
    expect(whoMay((actor) => mayAssess(actor, 'assess'))).toEqual(at('EVALUATOR'));
  });

  it('publish an instrument: the province', () => {
    const publishes = whoMay((actor) => mayInstrument(actor, 'publish'));
    expect(publishes).toEqual(at('OFFICER', 'PROVINCE'));
  });

  it('have a token signed: a teacher, for a project that she took part in', () => {
    const signed = (eligible: boolean, teacher?: string) =>
      whoMay((actor) => mayAnonymously(actor, 'sign', { eligible }), teacher ? { teacher } : {});
    expect(signed(true, 'her')).toEqual(at('TEACHER'));
    expect(signed(true)).toEqual([]);
    expect(signed(false, 'her')).toEqual([]);
  });
});
