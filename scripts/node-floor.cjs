/* Loaded before anything else, so it is written in the JavaScript that every old Node reads. */
'use strict';
var found = process.versions.node.split('.').map(Number);
if (found[0] < 20 || (found[0] === 20 && found[1] < 19)) {
  console.error(
    'Yanxiu needs Node.js 20.19 or newer, and this is ' + process.versions.node +
      ': install a newer one from https://nodejs.org.'
  );
  console.error(
    '研修平台需要 Node.js 20.19 或更高版本，当前为 ' + process.versions.node +
      '，请从 https://nodejs.org 安装新版本。'
  );
  process.exit(1);
}
