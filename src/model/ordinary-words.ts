/**
 * The words that providers' explanations are made of. Where one stands alone it says nothing of a message, although the
 * message may have it too. Any other word of a message is hidden wherever an explanation has it.
 */
export const ordinaryWords: ReadonlySet<string> = new Set(
  `
  the and for not are was were been being has have had can cant cannot could may might must shall should will would does did
  done doing from with without within into onto over under then than that this these those there here their them they its our
  your you who whom whose which what when where while why how all any both each either every few more most much many none
  other another some such only own same too very also just but nor yet because since until unless before after again already
  still out off per via about above below between during through against upon due else ever never thus hence please let lets
  one two three first second last next new old good bad well yes

  abuse accept acceptable accepted accepting accepts access accessible account accounts action active add added address
  addressed addresses admin administrator alias aliases allow allowed allows alphanumeric alternate answer api app appear
  appears application apply argument arguments array assigned assignment associated attach attachment attachments attempt
  attempted attempts audience auth authenticate authenticated authenticating authentication authenticator authority
  authorization authorize authorized auto available avoid aware back banned base64 basic bearer begin being belong belongs
  bill billing blacklist blacklisted blacklists blank block blocked blocking blocklist blocklisted blocks body boolean bounce
  bounced bounces box broken bulk busy byte bytes cache call callback came cancel cancelled capability carrier case certificate
  chain change changed changes channel character characters charset chat check checked checking checks cipher classified client
  close closed closing cluster code codes command commands common compatible complete completed complies comply concurrent
  condition config configuration configure configured confirm confirmed connect connected connecting connection connections
  consent consider contact contacts contain contained containing contains content contents context continue conversation copy
  correct corrected correctly correspondents count country create created creating credential credentials credit currently
  custom customer daily data database date day days dead declined decode deemed default deferred define defined delay delayed
  delete deleted deliver deliverable delivered delivering delivery denied deny deprecated description destination destinations
  detail details detect detected device digest digit digits direct directory disable disabled disallowed discarded disconnected
  disk dkim dmarc dns document documentation documents domain domains down duplicate during early edit elapsed email emails
  empty enable enabled encode encoded encoding encountered encrypted encryption end ended endpoint ends enforced enough ensure
  enter entity entries entry envelope environment error errors escaped evaluation event exact example exceed exceeded exceeds exception
  excess excessive excluded exist existing exists expect expected expire expired expires expiry external extra fail failed
  failing fails failure failures feature features fetch field fields file filename files fill filter filtered filtering filters
  final find finished follow followed following follows forbidden form format formatted forward forwarded found free frequency
  frequent full function further future gateway general generic get given goes grant granted greylist greylisted greylisting
  group guidelines handle handshake hard header headers help high hint hit hold host hosted hostname hosts hour hours however
  html http https idempotency identifier identifiers identify identity ignore ignored illegal image images immediately import
  improper improve inactive inbound inbox include included includes including incoming incomplete incorrect incorrectly indicate
  information infrastructure initial input inside instance instead insufficient integer interactive internal interval invalid
  invite invoke issue issues item items job join joined json keep key keys kind known label lack lacks language large larger
  later latest latency least left length less level likely limit limited limits line lines link linked links list listed
  listing lists live load local locale located location lock locked log logged login long longer look lookup looks loop lost
  low lower machine made mail mailbox mailboxes mailer mailing mails main make malformed malicious malware manager manually many
  marked match matches matching maximum max means media member memory message messages messaging meta method methods migrated
  mime minimum min minute minutes missing mobile mode modify moment month monthly moved mta multiple must name named names
  near need needed needs network newline nobody nonexistent non normal note notice notification now null number numbers object
  objects obtain occurred octets offline often omitted once online open opened operation operational operator opt opted option
  optional options order organization origin original otherwise outbound outgoing outside overflow overloaded overquota overrides
  owned owner page paid parameter parameters parent parse parsed parser part parts party pass passed password path pattern
  pause paused payload payment peer pending per perform period permanent permanently permission permissions permitted person
  personalization personalizations phone phrase place plain plan platform point pointer policies policy poll pool poor port
  possible post postmaster prefix present prevent prevents preventing previous previously private probe problem problems
  procedure proceed process processed processing product production profile program prohibited project proof property
  protection protocol provide provided provider providing proxy public queue queued quota quotas quote random range rate rated
  rates reach reachable reached read reader ready real reason reasons receipt receive received receiver receives receiving
  recent recently recipient recipients recognized record records recreate redirect redirected reduce refer reference refers
  refuse refused refuses region register registered registration reject rejected rejecting rejection related relation relay
  relayed relaying release remain remaining remote removal remove removed repeat repeated replace reply report reported reports
  reputation request requested requests require required requirement requirements requires reserved reset resolve resolved
  resource resources respond response responses restart restricted restriction restrictions result results resume retried
  retries retry return returned returns reverse review right rights role root route routing row rule rules run running safe same
  sandbox save saved say says scan scanned scanner scheduled schema scheme score script search section secure security see seem
  seems select self send sender senders sending sends sent separated sequence series server servers service services session
  set sets setting settings setup severe shared short show sign signature signed similar simple single site size slow small
  smtp socket soft software solution soon source spam spammer spammers specific specification specified specify spf start
  started starting starts starttls state statement status stop stopped storage store stored stream string strings structure
  style subaccount subdomain subject submission submit submitted subscribe subscribed subscription subscriptions success
  successful suffix suggest suitable supplied supply support supported supports suppressed suppression suspected suspend
  suspended suspicious syntax system systems table tag tags take taken tell temp template templates temporarily temporary
  tenant term terminated terminating terms test testing tests text texts threshold throttled throttling time timed timeout
  times timestamp title tls today token tokens top total traffic transaction transactions transfer transient transport trial
  tried triggered true truncated trust trusted try trying turn type types typing unable unacceptable unauthenticated
  unauthorized unavailable uncertain undefined undeliverable unexpected unfortunately unicode unique unit unknown unlimited
  unprocessable unreachable unread unrecognized unregistered unrouteable unsafe unsent unsolicited unsubscribe unsubscribed
  unsupported unusual unverified update updated upgrade upload uploaded url urls usage use used user username users uses using
  utf utf8 valid validate validated validation value values variable variables vary verification verified verify version view
  violate violated violates violation virtual virus visible visit volume wait waiting want wants warning way ways web webhook
  website week weekly whitelist wide work working works write written wrong year years zone

  amazon barracuda com exchange google greenapi icloud microsoft mimecast net org outlook php postfix proofpoint
  resend sendgrid spamhaus sms telegram twilio whatsapp www yahoo
  `
    .trim()
    .split(/\s+/),
)
