import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Restarts } from '../../restarts';

test('a server that never answered is not started again', () => {
  const restarts = new Restarts();
  assert.equal(restarts.again(0), false);
  restarts.ran();
  assert.equal(restarts.again(1), true);
  assert.equal(restarts.again(2), false);
});

test('five ends in three minutes are too many, five in a day are not', () => {
  const fast = new Restarts();
  const slow = new Restarts();
  const answers = [1, 2, 3, 4, 5].map((at) => {
    fast.ran();
    slow.ran();
    return [fast.again(at * 1000), slow.again(at * 3_600_000)];
  });
  assert.deepEqual(answers.map(([quick]) => quick), [true, true, true, true, false]);
  assert.ok(answers.every(([, seldom]) => seldom));
});
