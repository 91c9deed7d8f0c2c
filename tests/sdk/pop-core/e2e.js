// The checks of the generic RPC client for node; e2e_pop_core.py starts the program and calls them.
'use strict';

const assert = require('node:assert/strict');
const { randomUUID } = require('node:crypto');
const { setTimeout: sleep } = require('node:timers/promises');
const { RPCClient } = require('@alicloud/pop-core');

const REGION = 'cn-hangzhou';
const LAUNCH = {
  RegionId: REGION,
  ImageId: 'img-linux',
  InstanceType: 'ecs.g6.large',
  SecurityGroupId: 'sg-example',
  VSwitchId: 'vsw-example',
};
const PATIENCE_MS = 30_000;
const POLL_MS = 50;

const { HATCHERY_ENDPOINT, HATCHERY_KEY, HATCHERY_SECRET } = process.env;

class Ecs {
  constructor({ secret = HATCHERY_SECRET, apiVersion = '2014-05-26' } = {}) {
    this.client = new RPCClient({
      endpoint: HATCHERY_ENDPOINT,
      accessKeyId: HATCHERY_KEY,
      accessKeySecret: secret,
      apiVersion,
      opts: { timeout: 20_000 },
    });
  }

  ask(action, params = {}, method = 'GET') {
    return this.client.request(action, { RegionId: REGION, ...params }, { method });
  }

  async run(params = {}, method = 'GET') {
    const answer = await this.ask('RunInstances', { ...LAUNCH, ...params }, method);
    return answer.InstanceIdSets.InstanceIdSet;
  }

  async rows(ids) {
    const answer = await this.ask('DescribeInstances', { InstanceIds: JSON.stringify(ids) });
    return answer.Instances.Instance;
  }

  async until(what, ids, reached) {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const rows = await this.rows(ids);
      if (reached(rows)) return rows;
      assert.ok(Date.now() < deadline, `waited in vain: ${what}`);
      await sleep(POLL_MS);
    }
  }
}

async function refused(code, status, promise) {
  await assert.rejects(promise, (error) => {
    assert.equal(error.code, code, error.message);
    assert.equal(error.entry.response.statusCode, status);
    assert.ok(error.data.RequestId);
    return true;
  });
}

async function fromLaunchToRelease(method) {
  const ecs = new Ecs();
  const name = `b-${randomUUID()}`;
  const tags = [{ Key: 'purpose', Value: `a *~(!)'测试 ${name}` }];
  const ids = await ecs.run({ Amount: 2, InstanceName: name, UniqueSuffix: true, Tag: tags }, method);
  assert.equal(ids.length, 2);
  const rows = await ecs.until('both run', ids, (all) => all.every((row) => row.Status === 'Running'));
  assert.deepEqual(rows.map((row) => row.InstanceName).sort(), [`${name}001`, `${name}002`]);
  const listed = await ecs.ask('DescribeInstances', { Tag: tags }, method);
  assert.deepEqual(listed.Instances.Instance.map((row) => row.InstanceId).sort(), [...ids].sort());
  for (const InstanceId of ids) await ecs.ask('DeleteInstance', { InstanceId, Force: true }, method);
  await ecs.until('both are gone', ids, (all) => all.length === 0);
}

const CHECKS = {
  'two instances from launch to release by query': () => fromLaunchToRelease('GET'),
  'two instances from launch to release by form': () => fromLaunchToRelease('POST'),
  'a dry run': () => refused('DryRunOperation', 400, new Ecs().run({ DryRun: true })),
  'an unknown image': () => refused('InvalidImageId.NotFound', 404, new Ecs().run({ ImageId: 'img-nobody-has' })),
  'an unknown instance': () =>
    refused('InvalidInstanceId.NotFound', 404, new Ecs().ask('DeleteInstance', { InstanceId: 'i-nobody-has' })),
  'a wrong secret': () =>
    refused('SignatureDoesNotMatch', 400, new Ecs({ secret: 'not-the-secret' }).ask('DescribeRegions')),
  'a nonce counts once': async () => {
    const nonce = { SignatureNonce: randomUUID() };
    await new Ecs().ask('DescribeRegions', nonce);
    await refused('SignatureNonceUsed', 400, new Ecs().ask('DescribeRegions', nonce));
  },
  'a reused token answers the same ids': async () => {
    const token = { ClientToken: randomUUID() };
    assert.deepEqual(await new Ecs().run(token, 'POST'), await new Ecs().run(token));
  },
  'where the endpoint is': async () => {
    const location = new Ecs({ apiVersion: '2015-12-12' });
    const answer = await location.ask('DescribeEndpoints', { Id: REGION, ServiceCode: 'ecs', Type: 'openAPI' });
    const [row] = answer.Endpoints.Endpoint;
    assert.equal(`http://${row.Endpoint}`, HATCHERY_ENDPOINT);
  },
  'who asks': async () => {
    const answer = await new Ecs({ apiVersion: '2015-04-01' }).ask('GetCallerIdentity');
    assert.equal(answer.Arn, `acs:ram::${answer.AccountId}:root`);
  },
};

async function main() {
  let passed = 0;
  const troubles = [];
  for (const [name, check] of Object.entries(CHECKS)) {
    const began = Date.now();
    let word = 'ok  ';
    try {
      await check();
      passed += 1;
    } catch (error) {
      word = 'FAIL';
      troubles.push(`---- ${name}\n${error.stack}`);
    }
    console.log(`${word} ${((Date.now() - began) / 1000).toFixed(1).padStart(5)} s  ${name}`);
  }
  troubles.forEach((trouble) => console.log(`\n${trouble}`));
  console.log(`\n${passed} passed, ${troubles.length} failed`);
  // The client keeps its connections open.
  process.exit(troubles.length === 0 ? 0 : 1);
}

main();
