// The workshop's words in Chinese (simplified): the triage policy, checks, publications, look-backs.
export default {};
