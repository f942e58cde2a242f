// The console's words about identity, first aid, cases, clocks and promises in Chinese.

export default {
  "transcript.case_opened": (/** @type {string} */ id, /** @type {string} */ reason) => `案件 ${id} 立案：${reason}`,
  "transcript.case_widened": (/** @type {string} */ id, /** @type {string} */ reason) =>
    `案件 ${id} 增加事由：${reason}`,
  "transcript.case_reopened": (/** @type {string} */ id) => `案件 ${id} 重新打开，时限照旧`,
  "transcript.case_fact": (/** @type {string} */ by, /** @type {string} */ name, /** @type {string} */ value) =>
    `${by} 记录 ${name}：${value}`,
  "transcript.case_step": (/** @type {string} */ by, /** @type {string} */ step) => `${by}：${step}`,
  "transcript.case_paused": (/** @type {string} */ by, /** @type {string} */ why) => `${by} 暂停时限：${why}`,
  "transcript.case_resumed": (/** @type {string} */ by, /** @type {string} */ why) =>
    `${by || "系统"} 恢复时限：${why}`,
  "transcript.case_extension_asked": (/** @type {string} */ by, /** @type {string} */ why) => `${by} 申请延期：${why}`,
  "transcript.case_extended": (/** @type {string} */ by, /** @type {string} */ why) => `${by} 批准延期：${why}`,
  "transcript.case_decided": (
    /** @type {string} */ by,
    /** @type {string} */ decision,
    /** @type {string} */ reasons,
  ) => `${by} 作出决定「${decision}」：${reasons}`,
  "transcript.case_linked": (/** @type {string} */ by, /** @type {string} */ other) => `${by} 关联案件 ${other}`,
  "transcript.case_recounted": (/** @type {string} */ id) => `案件 ${id} 的时限重新计算`,
  "transcript.case_closed": (/** @type {string} */ by, /** @type {string} */ id, /** @type {string} */ why) =>
    `${by} 结案 ${id}：${why}`,
  "transcript.first_aid_proposed": (
    /** @type {string} */ by,
    /** @type {string} */ action,
    /** @type {string} */ why,
  ) => `${by} 申请「${action}」，要另一位同事同意。原因：${why}`,
  "transcript.first_aid_approved": (/** @type {string} */ by, /** @type {string} */ action) =>
    `${by} 同意「${action}」`,
  "transcript.first_aid_rejected": (/** @type {string} */ by, /** @type {string} */ action) =>
    `${by} 驳回「${action}」`,
  "transcript.first_aid_agent": (/** @type {string} */ by, /** @type {string} */ action, /** @type {string} */ why) =>
    `${by} 要求「${action}」：${why}`,
  "transcript.first_aid_customer": (/** @type {string} */ action) => `客户要求「${action}」`,
  "transcript.first_aid_result": (/** @type {string} */ action, /** @type {string} */ state) => `${action}：${state}`,
  "transcript.promise_made": (/** @type {string} */ promise, /** @type {string} */ time) =>
    `已承诺客户：${promise}，${time} 前`,
  "transcript.promise_kept": (/** @type {string} */ by) => `承诺已兑现${by ? `（${by}）` : ""}`,
  "transcript.promise_withdrawn": (/** @type {string} */ by) => `${by} 收回承诺，并已告诉客户`,
  "transcript.promise_broken": "承诺没有按时兑现，客户还在等",
  "transcript.promise_reminded": "提醒：有一项承诺快到期",
  "first_aid.state.offered": "还没有操作",
  "first_aid.state.requested": "已发出，钱包还没有回答",
  "first_aid.state.done": "已办成（钱包已确认）",
  "first_aid.state.pending": "钱包已受理，还没办成",
  "first_aid.state.impossible": "办不了",
  "first_aid.state.unknown": "结果不明，请当作没有办成",
  "first_aid.state.undone": "已撤销",
  "first_aid.state.proposed": "等另一位同事同意",
  "first_aid.state.rejected": "已驳回",
  "case.fact.authorised": "是否客户本人授权",
  "case.fact.reason_code": "原因代码",
  "case.fact.transaction": "交易",
  "case.fact.vulnerable": "弱势客户",
  "case.fact.complained_of": "被投诉人",
  "case.fact.evidence": "证据",
  "case.value.yes": "是",
  "case.value.no": "否",
  "case.value.unknown": "不清楚",
  "case.step.first_word": "人工首次回复",
  "case.step.result": "已告知客户结果",
  "case.step.decision": "作出决定",
  "case.step.credit": "已先行垫付",
  "case.step.refund": "已退款",
  "case.step.correction": "已更正",
  "case.step.told": "已通知客户",
  "case.step.holding_reply": "已发暂复",
  "case.step.resolution": "已结束",
};
