/**
 * Every limit has a name here, with the reason for its size. A vector holds the last value that passes and the
 * first that does not.
 */

/** Participants of one machine. Certificates list signers one by one, so this bounds them too. */
export const PARTICIPANTS_MAX = 64
/** Keys of one controller. */
export const KEYS_MAX = 16
/** Logics of one machine. */
export const LOGICS_MAX = 16
/** Machines that one interaction touches. */
export const LEGS_MAX = 16
/** Operations in one interaction. */
export const OPERATIONS_MAX = 16
/** Premises of one interaction. */
export const PREMISES_MAX = 16
/**
 * Bytes of one operation's argument. Evidence against an ML-DSA-44 key has 6.5 kB; new terms with a directory of
 * seventeen such keys have 25 kB; an interaction of MOI has up to 128 KiB, and its signatures come on top.
 */
export const OPERATION_BYTES_MAX = 163_840
/** Decimals of an asset: ten to this power still fits 128 bits. */
export const DECIMALS_MAX = 38
/** Characters of an amount written out: 39 digits and a point. */
export const AMOUNT_TEXT_MAX = 40
/** Bytes of an asset's symbol. */
export const SYMBOL_BYTES_MAX = 16
/** Victims of one fork that a bond pays in one step. */
export const VICTIMS_MAX = 16
/** Levels of a vault's condition. */
export const CONDITION_DEPTH_MAX = 8
/** Nodes of a vault's condition. */
export const CONDITION_NODES_MAX = 64
/** Facts that the terms of a vault say beforehand how to divide by. */
export const RULINGS_MAX = 16
/** Bytes of a value that a vault's condition waits for. */
export const NOTICE_BYTES_MAX = 256
/** Bytes of a human-readable name. */
export const NAME_BYTES_MAX = 64
/** Bytes of a logic's or policy's parameters inside a charter: the largest statechart and whom it names. */
export const PARAMS_BYTES_MAX = 65_536
/** Bytes of a public key: ML-DSA-65 needs 1,952. */
export const PUBLIC_KEY_BYTES_MAX = 2048
/** Bytes of a signature: SLH-DSA-SHA2-128f needs 17,088. */
export const SIGNATURE_BYTES_MAX = 17_088
/** Bytes of a certificate: every participant with a post-quantum signature fits. */
export const CERTIFICATE_BYTES_MAX = 262_144
/** Bytes of one value in a machine's state. */
export const STATE_VALUE_BYTES_MAX = 4096
/** Leaves of one machine's state. */
export const STATE_LEAVES_MAX = 1_048_576
/** Parts of one path in a machine's state. */
export const STATE_KEY_PARTS_MAX = 8
/** Bytes of one part of such a path: an id, a name or a number in words. */
export const STATE_KEY_PART_BYTES_MAX = 256
/** Levels of the state tree: one for each bit of a key. */
export const TREE_DEPTH = 256
/** Changes that one interaction may make to one machine's state. */
export const CHANGES_MAX = 256
/** Rounds under one parent. A machine that needs more is stuck for another reason. */
export const ROUNDS_MAX = 1024
/** Rounds ahead of its own for which a certifier keeps single votes. Later ones count once a quorum has sent them. */
export const ROUNDS_AHEAD_MAX = 2
/** Signers of one quorum: every participant with a few keys each. */
export const SIGNERS_MAX = 256
/** Signed statements of one run of rounds, in a message or in what a certifier stores. */
export const CASTS_MAX = 65_536
/** Children of one parent that a certifier looks at. */
export const CHILDREN_MAX = 1024
/** Bytes of a file that is read at all. A larger one is refused by its size alone. */
export const FILE_BYTES_MAX = 67_108_864
/** Bytes of one part of a bundle: a step of sixteen legs with two full certificates each fits. */
export const BUNDLE_PART_BYTES_MAX = 16_777_216
/** Charters, and so machines, in one bundle. */
export const BUNDLE_CHARTERS_MAX = 4096
/** Steps in one bundle. Long histories of one machine go into a flat chain. */
export const BUNDLE_STEPS_MAX = 16_384
/** Facts proven against remembered steps in one bundle. */
export const BUNDLE_FACTS_MAX = 4096
/** Pieces of evidence in one bundle. */
export const BUNDLE_EVIDENCE_MAX = 1024
/** Batches of one flat chain in a bundle. */
export const CHAIN_BATCHES_MAX = 65_536
/** Flat chains in one bundle. */
export const BUNDLE_CHAINS_MAX = 64
/** Consents given with one interaction: every leg with sixteen keys. */
export const CONSENTS_MAX = 256
/** Levels of nesting in JSON that is read. Our own forms need five. */
export const JSON_DEPTH_MAX = 32
/** Bytes of JSON that is read where the caller sets no other limit. */
export const JSON_BYTES_MAX = 1_048_576
/** Keys of one JSON object. */
export const JSON_KEYS_MAX = 1024
/** Events of one identity: one for each change of its devices or its keys. */
export const KEY_EVENTS_MAX = 256
/** The last of them are left to rotations and recoveries, so that a thief of the keys in use cannot fill the log. */
export const KEY_EVENTS_RESERVED = 32
/** Shares that a recovery secret is split into. */
export const GUARDIANS_MAX = 16
/** Devices that act for an identity at a time. */
export const DEVICES_MAX = 64
/** Devices that one event adds, and that it revokes. */
export const DEVICE_CHANGES_MAX = 64
/** Rounds that may be aborted under one parent of a bilateral machine: their aborts must fit one certificate. */
export const BILATERAL_ROUNDS_MAX = 32
/** Abort signatures in one bilateral certificate: each round's, by as many keys as it takes. */
export const ABORTS_MAX = 512
/** Signatures of one kind in a bilateral certificate or message: every key of every participant. */
export const ENDORSEMENTS_MAX = 1024
/** Files that a party may hand over to prove the premises of one interaction. */
export const ATTACHMENTS_MAX = 16
/** Bytes of one of them: a bundle of a few hundred steps. */
export const ATTACHMENT_BYTES_MAX = 1_048_576
/** Bytes of all files with one candidate on a shared machine: some forty steps of an oracle that four custodians certify. */
export const CANDIDATE_ATTACHMENT_BYTES_MAX = 65_536
/** Bytes of such files with what waits at a custodian, of one sender: sixteen of the largest. */
export const WAITING_ATTACHMENT_BYTES_MAX = 1_048_576
/** Bytes of one message between parties. A larger one is refused by its size alone. */
export const MESSAGE_BYTES_MAX = 8_388_608
/** Steps in one answer to a party that is behind; it asks again for more. */
export const CATCHUP_STEPS_MAX = 64
/** Bytes of steps in one such answer, so that it fits a message with room to spare. */
export const CATCHUP_BYTES_MAX = 4_194_304
/** Statements of the peer that a party keeps under one parent to compare new ones with. */
export const SEEN_MAX = 256
/** Last refusals that a role keeps for display. */
export const REFUSALS_MAX = 16
/** Machines that the steps of one relationship may refer to. */
export const KNOWN_MACHINES_MAX = 256
/** Pieces of evidence that a role keeps; the first one stops it. */
export const EVIDENCE_KEPT_MAX = 16
/** Bytes of a fault's message in a shell's record. */
export const FAULT_BYTES_MAX = 4096
/** Records that one flat chain keeps in memory: 4 GiB of them. */
export const CHAIN_RECORDS_MAX = 16_777_216
/** Levels of the tree over a batch: a million steps under one signature. */
export const BATCH_LEVELS_MAX = 20
/** Bytes of a journal that is read at all. */
export const JOURNAL_BYTES_MAX = 1_073_741_824
/** Bytes of inputs after which a desk writes a checkpoint: few enough to be folded again in a moment. */
export const CHECKPOINT_BYTES_MIN = 131_072
/** Chunks that one whole is split into. */
export const CHUNKS_MAX = 4096
/** Bytes of the whole in one chunk: what the largest QR code holds. */
export const CHUNK_BYTES_MAX = 2800
/** Links of one listener at a time. */
export const LINKS_MAX = 16
/** Milliseconds that a greeting or the rest of a frame may take on a link. */
export const LINK_PATIENCE_MS = 10_000
/** Inputs that two parties at one table give each other over one wish; a step takes about a dozen. */
export const TABLE_INPUTS_MAX = 4096
/** Pixels of a picture in which a QR code is looked for: more than phones take. */
export const PICTURE_PIXELS_MAX = 40_000_000
/** Steps that an owner hands to an operator in one request. */
export const SUBMISSIONS_MAX = 64
/** Bytes of one item in a device's inbox: a bundle of a few hundred steps. */
export const INBOX_ITEM_BYTES_MAX = 1_048_576
/** Inbox items in one answer. */
export const INBOX_ITEMS_MAX = 64
/** Milliseconds before an owner asks an operator again that has not answered; doubled with each attempt. */
export const PATIENCE_MS = 400
/** How often that is doubled: up to half a minute. */
export const PATIENCE_DOUBLINGS_MAX = 6
/** Entries of one operator's log: 64 GiB of hashes. */
export const LOG_ENTRIES_MAX = 1_073_741_824
/** Nodes of one proof about such a log: one for each bit of a size, and one to start from. */
export const LOG_PROOF_NODES_MAX = 65
/** Checkpoints of one operator that an auditor keeps beside the one it holds, until they are linked. */
export const RUMOURS_MAX = 16
/** Receipts of one operator that an auditor keeps until they are accounted for. */
export const AUDITED_RECEIPTS_MAX = 1024
/** Changes of a machine's terms that an operator keeps. Who signs for steps before them is not served any more. */
export const ERAS_MAX = 64
/** Named fields that one operation commits to. */
export const FIELDS_MAX = 32
/** Bytes of a field's name: a word or two, always shown. */
export const FIELD_NAME_BYTES_MAX = 32
/** Bytes of a field's value, which stands beside what is hashed and never in it. */
export const FIELD_VALUE_BYTES_MAX = 1024
/** Steps of one bundle of which only the header is shown. */
export const BUNDLE_WITHHELD_MAX = 16_384
/** Openings of fields in one bundle. */
export const BUNDLE_OPENINGS_MAX = 16_384
/** Requirements that one check is asked for. */
export const REQUIREMENTS_MAX = 32
/** Characters of one requirement. */
export const REQUIREMENT_CHARACTERS_MAX = 256
/** Entries of a log in one answer: a tile's worth. */
export const LOG_ANSWER_ENTRIES_MAX = 256
/** Accusations in one answer of an operator: each may have a proof of some kilobytes. */
export const ACCUSATIONS_MAX = 64
/** Checkpoints of operators that are passed on at once: some for each of the largest policy. */
export const GOSSIP_CHECKPOINTS_MAX = 256
/** Candidates of one participant under one parent of a shared machine that an operator looks at. */
export const CANDIDATES_PER_PARTY_MAX = 16
/** Such candidates that nobody whom the terms name stands behind: they leave room for participants. */
export const CANDIDATES_OF_STRANGERS_MAX = 64
/** Candidates under one parent in all: every participant has as many as it may, and then the strangers. */
export const MEMBER_CANDIDATES_KEPT_MAX = 1088
/** Operations with a consent within that a custodian keeps until they are done or refused, and those of one sender. */
export const WAITING_MAX = 4096
export const WAITING_PER_SENDER_MAX = 64
/** Bytes of what a custodian keeps of one machine beside its certified steps. */
export const CUSTODIAN_RECORD_BYTES_MAX = 67_108_864
/** Heads at which such an operation is tried that may become valid later. */
export const WAITING_HEADS_MAX = 8
/** Last steps of a machine of which a watcher compares what custodians have signed, and heartbeats of one custodian. */
export const WATCHED_STEPS_MAX = 64
export const WATCHED_BEATS_MAX = 16
/** Operations that a custodian has refused, for display. */
export const REJECTIONS_MAX = 64
/** Leaves of the state before, in evidence that a step was not valid. */
export const EVIDENCE_LEAVES_MAX = 4096
/** Sets of consents that are tried before such evidence counts as undecided. */
export const EVIDENCE_TRIALS_MAX = 256
/** Certified steps that an operator on a shared machine holds until its shell has stored them. */
export const SHARED_STEPS_MAX = 64
/** Signed statements in one message between operators: a few rounds of the largest quorum. */
export const MEMBER_CASTS_MAX = 4096
/** Candidates in one message between operators. */
export const MEMBER_CANDIDATES_MAX = 16
/** Bytes of the nonce or the audience of a presentation. */
export const CHALLENGE_BYTES_MAX = 64
/** Characters of a nonce, at least: fewer could come up twice. */
export const NONCE_CHARACTERS_MIN = 16
/** Bytes of a Nostr event that is read at all. Relays commonly keep 64 to 128 KiB. */
export const NOSTR_EVENT_BYTES_MAX = 131_072
/** Tags of one event: as many as the most common relay keeps. */
export const NOSTR_TAGS_MAX = 2000
/** Values in one tag. */
export const NOSTR_TAG_PARTS_MAX = 64
/** Bytes of one value of a tag in events of ours: longer ones are refused by common relays. */
export const NOSTR_TAG_VALUE_BYTES_MAX = 1024
/** Bytes of a statechart's definition: an event that holds it passes relays that take 64 KiB. */
export const DEFINITION_BYTES_MAX = 49_152
/** Bytes of the name of a statechart's event. */
export const EVENT_TYPE_BYTES_MAX = 128
/** Bytes of an event's data, as canonical JSON or as the content of a Nostr event. */
export const EVENT_DATA_BYTES_MAX = 16_384
/** Tags of a Nostr event that is an input of a statechart. */
export const INPUT_TAGS_MAX = 64
/** Values of one such tag. */
export const INPUT_TAG_VALUES_MAX = 16
/** Roles that a statechart's charter gives out. */
export const ROLES_MAX = 16
/** Oracles that a statechart's charter names. */
export const ORACLES_MAX = 16
/** Answers of oracles that one event shows. */
export const ANSWERS_MAX = 16
/** Bytes of a question to an oracle; it is part of a path in the oracle's state. */
export const QUESTION_BYTES_MAX = 128
/** Bytes of an oracle's answer. */
export const ANSWER_BYTES_MAX = 1024
/** Milliseconds by which an agreed time may differ from the clock of who certifies it: a day. */
export const SKEW_MS_MAX = 86_400_000
/** Characters of one expression: a guard of a page. */
export const EXPRESSION_CHARACTERS_MAX = 4096
/** Levels of one expression, of its brackets and of what it compares. */
export const EXPRESSION_DEPTH_MAX = 64
/** Items of a list that an expression makes. */
export const EXPRESSION_ITEMS_MAX = 1024
/** Keys of a map that an expression makes. */
export const EXPRESSION_KEYS_MAX = 256
/** Characters of a string that an expression makes. */
export const EXPRESSION_TEXT_MAX = 65_536
/** Gas of all expressions of one input, where nothing lower is agreed. */
export const EXPRESSION_GAS_MAX = 100_000
/** Bytes of what is encrypted between holders of Nostr keys: some programs read no more. */
export const NIP44_BYTES_MAX = 65_535
/** Characters of such a payload: version, nonce, padded text and check, in base64. */
export const NIP44_PAYLOAD_MAX = 87_472
/** Seconds after which relays may forget why an input was refused: a week. */
export const REJECTION_SECONDS = 604_800
/** Events inside one piece of evidence: a definition, a few inputs and receipts. */
export const EVIDENCE_EVENTS_MAX = 16
/** Custodians of one machine on Nostr, and so its tags `state`. */
export const CUSTODIANS_MAX = 16
/** Milliseconds by which a custodian's clock may differ from a time that it agrees to, where a definition says nothing. */
export const SKEW_MS_DEFAULT = 60_000
/** Counters that are tried for a routing key: each succeeds half the time. */
export const ROUTE_TRIES_MAX = 256
/** States of one statechart. */
export const STATECHART_STATES_MAX = 512
/** Levels of states below the root: their JSON fits the levels that are read. */
export const STATECHART_DEPTH_MAX = 12
/** Transitions of one statechart. */
export const STATECHART_ARROWS_MAX = 2048
/** Transitions taken and events raised for one event from outside. */
export const MICROSTEPS_MAX = 64
/** Actions run for one event from outside. */
export const ACTIONS_MAX = 256
/** Bytes of a statechart's context in canonical JSON. */
export const CONTEXT_BYTES_MAX = 32_768
/** Levels of a value in a context, in an event's data or in an output. */
export const VALUE_DEPTH_MAX = 16
/** Characters of the name of a state or an event in a statechart. */
export const STATECHART_NAME_CHARACTERS_MAX = 128
/** Inputs that a statechart looks back to find the one that a commuting input names. */
export const COMMUTE_WINDOW_MAX = 1024
/** Bytes of a file in one event of Nostr: its digits pass relays that take 64 KiB. A longer history comes in several. */
export const PROOF_FILE_BYTES_MAX = 24_576
/** Bytes of a certified step in one event of Nostr: the largest input, and what certifies it. */
export const CERTIFIED_STEP_BYTES_MAX = 24_576
/** Bytes of a message between custodians in one event. */
export const VOTE_SHARE_BYTES = 24_576
/** Events of one such message: one and a half megabytes. */
export const VOTE_PARTS_MAX = 64
/** Messages of one custodian that are not whole yet. */
export const VOTES_UNFINISHED_MAX = 4
/** Sets of a quorum that must all be reached: two for each of the participants that one interaction writes. */
export const QUORUM_SETS_MAX = 32
/** Interactions under one seal of a guardian: far more than are ready at a time. */
export const GUARDIAN_BATCH_MAX = 65_536
/** Ids of accounts' machines that are remembered: some 30 MB of them. */
export const MOI_MACHINES_KEPT_MAX = 65_536
/** Bytes of the signatures on one MOI interaction: every key that may sign, in the longest spelling. */
export const MOI_SIGNATURES_BYTES_MAX = 16_384
/** Bytes of one POLO message: an offset below this has a tag of four bytes. */
export const POLO_BYTES_MAX = 16_777_215
/** Elements of one POLO message, those within its elements counted too. */
export const POLO_ITEMS_MAX = 65_536
/** Levels of containers in one POLO message. An interaction has four, and as many again inside an operation. */
export const POLO_DEPTH_MAX = 32
/** Bytes of a POLO integer: 256 bits, zeros in front included. */
export const POLO_INTEGER_BYTES_MAX = 32
/** Bytes of a MOI interaction, as its network has it. */
export const MOI_INTERACTION_BYTES_MAX = 131_072
/** Participants that a MOI interaction lists, and assets that it names as funds. */
export const MOI_PARTICIPANTS_MAX = 64
/** Operations of a MOI interaction that are read at all; the network lets three pass. */
export const MOI_OPERATIONS_MAX = 16
/** Signatures over one MOI interaction, and keys that one operation adds or revokes. */
export const MOI_KEYS_MAX = 64
/** Bytes of a name in a MOI operation: a symbol, a callsite, the key of a map. */
export const MOI_NAME_BYTES_MAX = 256
/** Entries of a map in a MOI operation. */
export const MOI_MAP_ENTRIES_MAX = 1024
/** Bytes of a manifest in any form: an interaction that deploys one has less. */
export const MANIFEST_BYTES_MAX = 1_048_576
/** Elements of one manifest. A pointer to one fits two bytes. */
export const MANIFEST_ELEMENTS_MAX = 4096
/** Fields of a state, a class, an event or a call. A slot has one byte. */
export const MANIFEST_FIELDS_MAX = 256
/** Bytes of a name, a label or a type in a manifest. */
export const MANIFEST_NAME_BYTES_MAX = 256
/** Bytes of a literal's value, written out. */
export const MANIFEST_LITERAL_BYTES_MAX = 65_536
/** Instructions of one routine, and texts of its assembly. A jump's target fits two bytes. */
export const PISA_INSTRUCTIONS_MAX = 65_536
/** Levels of a type, each class inside counted. */
export const PISA_TYPE_DEPTH_MAX = 16
/** Values that one type's zero consists of. */
export const PISA_ZERO_ITEMS_MAX = 4096
/** Routines that wait for one another, in all logics of one call. */
export const PISA_CALL_DEPTH_MAX = 64
/** Bytes of one text or one run of bytes in a logic. */
export const PISA_TEXT_BYTES_MAX = 65_536
/** Items of one array, entries of one map. */
export const PISA_ITEMS_MAX = 16_384
/** Bytes of all values that one call makes, freed ones counted too; an item counts for 64. */
export const PISA_MEMORY_MAX = 33_554_432
/** Bits of a `bigint`, its sign apart: what POLO reads. */
export const PISA_BIGINT_BITS_MAX = 255
/** Fuel of one call, whatever its limit: half a second of one core for usual code, some seconds at worst. */
export const PISA_FUEL_MAX = 10_000_000
/** Events that one call emits. */
export const PISA_EVENTS_MAX = 256
/** Lines of an exception's trace. */
export const PISA_TRACE_MAX = 64
/** Keys that one MOI account ever has: a revoked one keeps its place. */
export const MOI_ACCOUNT_KEYS_MAX = 128
/** Places that one interaction's operations may change in one MOI account, so that what every interaction changes still fits `CHANGES_MAX`. */
export const MOI_CHANGES_MAX = 240
/** Guardians in one set of a MOI account's context. */
export const MOI_CONTEXT_NODES_MAX = 16
/** Characters of a KramaID. */
export const MOI_KRAMA_ID_CHARACTERS_MAX = 64
/** Participants that a MOI network begins with. */
export const MOI_GENESIS_PARTICIPANTS_MAX = 4096
/** Parts of one guardian's stake that wait for their withdrawal at a time. */
export const MOI_UNSTAKINGS_MAX = 16
/** Fuel of one interaction, whatever its limit: a second or so of one core. */
export const MOI_FUEL_MAX = 10_000_000
/** Logs of one operation. */
export const MOI_LOGS_MAX = 256
/** Topics of one log: its event's name and each of its fields. */
export const MOI_LOG_TOPICS_MAX = 256
/** Bytes of a log's data, of an operation's outputs and of its error in a receipt. */
export const MOI_OUTPUT_BYTES_MAX = 1_048_576
/** Lines of the trace in an operation's error. */
export const MOI_TRACE_MAX = 256
/** Compiled logics of MOI that are remembered, times two. */
export const MOI_PROGRAMS_KEPT_MAX = 256
/** State keys of paths of one MOI network that are remembered. */
export const MOI_PATHS_KEPT_MAX = 65_536
/** Values that one Network-State proves: a page of an account's balances. */
export const NETWORK_STATE_VALUES_MAX = 256
