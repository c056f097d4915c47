import { describe, expect, it } from '@jest/globals';
import { at, whoMay } from '@yanxiu/testkit/acting';
import { may } from './rules.js';

const [PROVINCE, CITY, SCHOOL] = ['140000', '140400', '1404030001'];
const HER = { teacher: 'her' };

describe('who may, of a claim', () => {
  it('make one for a teacher: herself, her school, whoever trained her, who registers it', () => {
    const claims = (unitCode: string) =>
      whoMay((actor) => may(actor, 'claimFor', { teacherId: 'her', unitCode }), HER);
    const others = [...at('OFFICER'), ...at('INSTITUTION'), ...at('TEACHER')].sort();
    expect(claims(SCHOOL).sort()).toEqual([...at('COORDINATOR', 'SCHOOL'), ...others]);
    expect(claims('1404030002').sort()).toEqual(others);
    const another = { teacherId: 'another', unitCode: SCHOOL };
    expect(whoMay((actor) => may(actor, 'claimFor', another), HER)).not.toContain('TEACHER@SCHOOL');
  });

  it('make one as an officer: who registers the hours', () => {
    const registers = whoMay((actor) => may(actor, 'register', { registrarCode: CITY }));
    expect(registers.filter((who) => who.startsWith('OFFICER'))).toEqual(at('OFFICER', 'CITY'));
  });

  it('check it: the coordinator of the school', () => {
    const checks = whoMay((actor) => may(actor, 'check', { unitCode: SCHOOL }));
    expect(checks).toEqual(at('COORDINATOR', 'SCHOOL'));
  });

  it('decide on it: the registrar', () => {
    const decides = (registrarCode: string) =>
      whoMay((actor) => may(actor, 'decide', { registrarCode }));
    expect(decides(CITY)).toEqual([...at('OFFICER', 'CITY'), ...at('COORDINATOR', 'CITY')]);
    expect(decides(SCHOOL)).toContain('COORDINATOR@SCHOOL');
  });

  it('appeal: the teacher whose it is', () => {
    const appeals = (teacherId: string) =>
      whoMay((actor) => may(actor, 'appeal', { teacherId }), HER);
    expect(appeals('her')).toEqual(at('TEACHER'));
    expect(appeals('another')).toEqual([]);
  });

  it('decide on an appeal: the registrar, or an officer above it', () => {
    const decides = (above: boolean) =>
      whoMay((actor) => may(actor, 'decideAppeal', { registrarCode: PROVINCE, above }));
    const registrar = [...at('OFFICER', 'PROVINCE'), ...at('COORDINATOR', 'PROVINCE')];
    expect(decides(false)).toEqual(registrar);
    expect(decides(true).sort()).toEqual([...at('OFFICER'), 'COORDINATOR@PROVINCE'].sort());
  });
});
