// The workshop's words in English: the triage policy, checks, publications, look-backs.
export default {};
