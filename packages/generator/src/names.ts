import type { Random } from './random.js';

const SURNAMES = [
  '王李张刘赵郭杨武任',
  '陈马郝侯宋韩田史高',
  '梁孙段薛原崔申牛裴',
  '卫冯程白范苗贾常靳',
].join('');
const WOMEN = '丽芳娟敏静燕霞玲红梅艳秀慧英娜婷雪琴莉洁萍蕾倩璐瑶晶颖欣怡';
const MEN = '伟强军勇磊涛斌鹏杰刚峰建明辉浩宇飞龙凯亮志文博晋鑫旭阳俊';
const SECOND = '晓文雅志国建春秀玉海云佳思嘉子梦永宏一丽金学';

const one = (random: Random, characters: string): string => random.pick([...characters]);

/** An invented name; a fifth have one character after the surname. */
export function personName(random: Random, woman: boolean): string {
  const given = one(random, woman ? WOMEN : MEN);
  const middle = random.chance(0.2) ? '' : one(random, SECOND);
  return one(random, SURNAMES) + middle + given;
}

const PLACES = '明德育才启智崇文尚学博雅晨光新华振兴和平东关西街南城北苑';

/** In Chinese digits, as schools are numbered. */
const ordinal = (number: number): string =>
  `第${[...String(number)].map((digit) => '零一二三四五六七八九'[Number(digit)]).join('')}`;

/** Two characters for a school's own name, another pair for another number. */
export const schoolWord = (number: number): string => {
  const count = PLACES.length / 2;
  const at = (number % count) * 2;
  const round = Math.floor(number / count);
  return PLACES.slice(at, at + 2) + (round > 0 ? ordinal(round + 1) : '');
};

const VILLAGES = '石槽柳林大堡河湾沙岭南峪北庄西沟东坪上寨下营马坊桃园杏树槐荫红崖';

/** Tells apart schools of a county in places of one name, from the second on. */
export const placeOrdinal = (number: number): string => {
  const round = Math.floor(number / (VILLAGES.length / 2));
  return round > 0 ? ordinal(round + 1) : '';
};

/** An invented township or village. */
export const placeWord = (number: number): string => {
  const at = (number % (VILLAGES.length / 2)) * 2;
  return VILLAGES.slice(at, at + 2);
};
