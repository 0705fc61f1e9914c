#compdef minar
# minar.zsh - made by tools/gen/manual.py.
_minar() {
    local -a found
    local before=$words[CURRENT-1]
    if (( CURRENT == 2 )); then
        found=(
            'init:set up a site, or make a new sign-in link'
            'serve:run the server (--listen ADDRESS PORT)'
            'doctor:look at machine, folder and site  one line a check, with its fix'
            'backup:copy everything into a folder of backups, sealed; the server goes on'
            'restore:make a data folder of a backup, or with --test a drill that proves one'
            'keys:which keys there are, who holds the backup key'\''s cards, and the ceremony'
            'demo:make the demonstration country (--seed N)'
            'verify:prove the ledger and every record against it'
            'bench:measure this machine  disk, hashing, pipeline'
            'letterkey:the key and certificate that sign letters  show, renew, take'
            'completion:print the completion for a shell  bash, zsh or fish'
            'help:this page; minar help NOUN VERB for one command'
            'version:the version'
            act
            action
            calendar
            confirmation
            contact
            delegation
            event
            factor
            feed
            file
            finding
            glass
            group
            indicator
            job
            key
            leave
            ledger
            letter
            notice
            org
            passkey
            reach
            realm
            search
            status
            task
            user
            view
        )
    elif (( CURRENT == 3 )) && [[ $PREFIX != -* ]]; then
        case $words[2] in
        act) found=('approve:Lets a waiting act happen' 'ls:Acts that wait for a second person' 'refuse:Refuses a waiting act, or takes back one of your own') ;;
        action) found=('add:Give an organisation something to do' 'ls:What organisations have to do, the earliest first' 'set:Change its words, its time or who does it' 'show:One thing to do  who, by when, what was done, what came of it' 'step:Say that it is done, verified, open again or dropped') ;;
        calendar) found=('add:Enter a holiday' 'due:When so many working days have passed' 'ics:The holidays for a calendar program' 'rm:Take a holiday out' 'set:Move or rename a holiday' 'show:On which days of a year offices are closed') ;;
        confirmation) found=('add:Confirms the people of the list as it was shown' 'ls:Which organisations have to confirm who may act for them, and how far they are' 'show:Everybody who may act for an organisation, to be confirmed') ;;
        contact) found=('add:Confirms the contacts of an organisation without a change' 'ls:Lists organisations by how long nobody has confirmed their contacts' 'show:Shows the contacts of an organisation and when each was last confirmed') ;;
        delegation) found=('add:Gives the administration of organisations'\'' people and keys to another one; a second person must let it happen' 'end:Takes delegated administration back at once' 'ls:Which organisation administers which other one'\''s people and keys' 'preview:What it would come to if one organisation administered others') ;;
        event) found=('count:How many, when, and of what' 'ls:Events, newest first; by address, network, domain or AS number' 'show:One event with its raw row') ;;
        factor) found=('add:A fresh secret for your authenticator; confirm its first code' 'confirm:Confirms the first code of your authenticator' 'rm:Ends your authenticator') ;;
        feed) found=('add:Adds a feed' 'import:Reads in one file of a feed' 'ls:Feeds with their health' 'mapping:Loads Shadowserver'\''s published mapping file' 'set:Pauses, resumes or changes a feed' 'show:One feed') ;;
        file) found=('add:Attaches a file, in quarantine; the sandbox looks at it' 'get:Writes the bytes of a file, in a zip under the password infected' 'look:Has the sandbox look at a file again' 'ls:Files of an organisation, a finding or a notice, newest first' 'picture:Writes the plain picture that the sandbox has made of a file' 'release:Lets a file out of quarantine' 'rm:Erases a file for good; this cannot be undone' 'saw:Who saw a file; for its owner'\''s people.' 'share:Gives a file another label or audience' 'share-preview:Who would gain and lose sight of a file by another label or audience' 'show:One file  its hashes and what the sandbox says of it') ;;
        finding) found=('answer:Answers a finding  fixed, not_mine or false_positive' 'answer-many:Answers many findings  --ids, or --all with a filter' 'answer-preview:Shows what answering many findings would do' 'ls:Findings, last seen first' 'reach:Who may see a finding now, and why.' 'saw:Who saw a finding; for its owner'\''s people.' 'share:Gives a finding another label or audience.' 'share-preview:Who would gain and lose sight of a finding by another label or audience.' 'show:One finding, with why this owner' 'versions:What a finding was before') ;;
        glass) found=('ask:Asks for reading one thing in an emergency; two others must let it happen' 'end:Closes at once what was opened in an emergency' 'ls:What was opened in an emergency') ;;
        group) found=('add:Makes a sharing group.' 'ls:Sharing groups that the own organisation is in or keeps.' 'preview:What members that come and go would gain and lose.' 'set:Renames a sharing group, lets members in and out.' 'show:One sharing group with its members.') ;;
        indicator) found=('add:Enters one indicator; defanged text is accepted' 'import:Indicators from a list or CSV file' 'ls:Indicators, newest first' 'reach:Who may see an indicator now, and why.' 'share:Gives an indicator another label or audience.' 'share-preview:Who would gain and lose sight of an indicator by another label or audience.' 'versions:What an indicator was before') ;;
        job) found=('ls:Shows long works and how far they are' 'show:Shows one long work  how far it is, what came of it' 'stop:Stops a long work; what was done stays done' 'undo:Undoes answers to many findings within thirty seconds') ;;
        key) found=('add:Makes a key; its secret is shown once' 'ls:Your keys' 'preview:What a key, limited so, could do.' 'renew:A fresh secret for a key; the earlier one is good for a day more' 'rm:Revokes a key at once') ;;
        leave) found=('add:Says that I am away, and who stands in' 'end:Ends a leave at once, or takes back one to come' 'gaps:Organisations for which nobody acts' 'ls:Who is away, and who stands in') ;;
        ledger) found=('checkpoint:What outsiders get of this ledger  the last checkpoint and its state.' 'growth:A proof that the ledger grew out of an earlier size.' 'ls:What happened, newest first' 'proof:A proof that an entry is in the published ledger.' 'reads:Days of noted reads, and the hash over each that the ledger holds.' 'witness:The outside witnesses and how each answered last.') ;;
        letter) found=('get:A letter as it was issued, as PDF' 'set:What became of a letter  printed, handed, returned, withdrawn') ;;
        notice) found=('ack:Acknowledges a notice' 'ack-many:Acknowledges many notices  --ids, or --all with a filter' 'ack-preview:Shows what acknowledging many notices would do' 'letter:Puts a notice on paper  a numbered, signed letter in both languages' 'ls:Notices, newest first' 'reach:Who may see a notice now, and why.' 'saw:Who saw a notice; for its owner'\''s people.' 'share:Gives a notice another label or audience.' 'share-preview:Who would gain and lose sight of a notice by another label or audience.' 'show:One notice with its deliveries' 'undo:Takes back a notice that is still held' 'undo-many:Takes back many held notices  --ids, or --all with a filter' 'undo-preview:Shows what taking back many notices would do' 'versions:What a notice was before') ;;
        org) found=('add:Adds an organisation' 'import:Constituents from a CSV file; --dry-run shows a preview' 'ls:Organisations you may see, by name' 'net-add:Adds a network, AS number or domain' 'net-rm:Withdraws a network from now on' 'nets:Its networks, AS numbers and domains' 'set:Changes an organisation' 'show:One organisation' 'versions:What an organisation was before') ;;
        passkey) found=('ls:Your passkeys' 'rm:Ends a passkey of yours') ;;
        reach) found=('show:Who may see a thing of any other kind now, and why.') ;;
        realm) found=('add:Makes a demonstration realm' 'ls:Realms of this site' 'rm:Removes a realm wholly') ;;
        search) found=('for:What has these words, in either script  of all kinds, or a page of one') ;;
        status) found=('show:Is everything alive?') ;;
        task) found=('done:Says that we know' 'ls:What my organisation must know of') ;;
        user) found=('add:Adds a person and makes an invitation' 'factor-rm:Ends the authenticator of a person who lost it; a second person must agree' 'invite:A fresh invitation link' 'ls:People you may see' 'preview:What a person would gain and lose by other roles.' 'rights:What I may do, by which role, and who can change it.' 'set:Changes roles, language or state') ;;
        view) found=('add:Keep a screen with its filter under a name' 'ls:Saved views in my menu' 'rm:Remove a saved view' 'set:Rename a saved view, change its filter or place' 'share:Share a saved view with the organisation or a role') ;;
        keys) found=(ls ceremony check rotate) ;;
        letterkey) found=(show renew take) ;;
        completion) found=(bash zsh fish) ;;
        help) found=(act action calendar confirmation contact delegation event factor feed file finding glass group indicator job key leave ledger letter notice org passkey reach realm search status task user view) ;;
        esac
    else
        case "$words[2] $words[3] $before" in
        "search for --kind") found=('organisation' 'person' 'notice' 'finding' 'action' 'indicator' 'sharing_group' 'attachment') ;;
        "org add --kind") found=('ministry' 'authority' 'provincial' 'bank' 'telecom' 'health' 'energy' 'transport' 'education' 'media' 'sector_cert' 'national_cert' 'other') ;;
        "org add --sector") found=('government' 'finance' 'telecom' 'health' 'energy' 'transport' 'education' 'media' 'other') ;;
        "org add --lang") found=('en' 'ur') ;;
        "org set --sector") found=('government' 'finance' 'telecom' 'health' 'energy' 'transport' 'education' 'media' 'other') ;;
        "org set --lang") found=('en' 'ur') ;;
        "org set --state") found=('active' 'closed') ;;
        "user add --lang") found=('en' 'ur') ;;
        "user add --contact-role") found=('focal' 'technical' 'management' 'none') ;;
        "user set --lang") found=('en' 'ur') ;;
        "user set --contact-role") found=('focal' 'technical' 'management' 'none') ;;
        "user set --state") found=('active' 'disabled') ;;
        "letter set --state") found=('printed' 'handed' 'returned' 'withdrawn') ;;
        "file ls --kind") found=('organisation' 'finding' 'notice') ;;
        "file add --kind") found=('organisation' 'finding' 'notice') ;;
        "file get --as") found=('zip' 'plain') ;;
        "reach show --kind") found=('organisation' 'network' 'person' 'sharing_group' 'feed' 'import_run' 'delivery' 'attachment') ;;
        "group add --kind") found=('sector' 'case' 'community') ;;
        "glass ask --kind") found=('finding' 'notice' 'indicator') ;;
        "contact ls --state") found=('fresh' 'due' 'stale') ;;
        "confirmation ls --state") found=('quiet' 'open' 'late') ;;
        "action ls --state") found=('open' 'done' 'verified' 'dropped') ;;
        "action ls --about") found=('organisation' 'finding' 'notice') ;;
        "action add --about") found=('organisation' 'finding' 'notice') ;;
        "action add --lang") found=('en' 'ur') ;;
        "action step --to") found=('done' 'verified' 'open' 'dropped') ;;
        "calendar add --sector") found=('government' 'finance' 'telecom' 'health' 'energy' 'transport' 'education' 'media' 'other') ;;
        "calendar set --sector") found=('government' 'finance' 'telecom' 'health' 'energy' 'transport' 'education' 'media' 'other') ;;
        "view share --whom") found=('me' 'organisation' 'role') ;;
        "view share --role") found=('reader' 'analyst' 'org_admin' 'coordinator' 'auditor' 'admin') ;;
        "key add --access") found=('read' 'write') ;;
        "key add --binds") found=('certificate' 'public_key') ;;
        "feed add --format") found=('shadowserver' 'csv' 'jsonl') ;;
        "feed set --state") found=('active' 'paused') ;;
        "finding answer --answer") found=('fixed' 'not_mine' 'false_positive') ;;
        "key preview --access") found=('read' 'write') ;;
        "realm add --kind") found=('demo') ;;
        "job ls --state") found=('running' 'done' 'failed' 'stopped') ;;
        "finding answer-many --answer") found=('fixed' 'not_mine' 'false_positive') ;;
        "finding answer-preview --answer") found=('fixed' 'not_mine' 'false_positive') ;;
        *" --ui-lang") found=(en ur) ;;
        *" --data") _files -/; return ;;
        *) case "$words[2] $words[3]" in
        "search for") found=(--q --kind --typing --counts --cursor --limit) ;;
        "org ls") found=(--q --sector --figures --cursor --limit) ;;
        "org show") found=(--figures) ;;
        "org add") found=(--key --name-en --name-ur --kind --sector --province --lang --community --by-letter --provider-key) ;;
        "org set") found=(--name-en --name-ur --sector --province --lang --community --by-letter --state) ;;
        "org import") found=(--name --dry-run --map --tlp --source) ;;
        "org nets") found=() ;;
        "org net-add") found=(--value --valid-from --valid-to) ;;
        "org net-rm") found=() ;;
        "user ls") found=(--org --cursor --limit) ;;
        "user add") found=(--name --mail --phone --lang --org --roles --roles-until --contact-role --invite) ;;
        "user set") found=(--lang --phone --roles-until --contact-role --roles --state) ;;
        "user invite") found=() ;;
        "user factor-rm") found=() ;;
        "finding reach") found=(--org --cursor --limit) ;;
        "finding share-preview") found=(--tlp --group --people --cursor --limit) ;;
        "finding share") found=(--tlp --group --people) ;;
        "notice letter") found=() ;;
        "letter get") found=() ;;
        "letter set") found=(--state --at) ;;
        "notice reach") found=(--org --cursor --limit) ;;
        "notice share-preview") found=(--tlp --group --people --cursor --limit) ;;
        "notice share") found=(--tlp --group --people) ;;
        "indicator reach") found=(--org --cursor --limit) ;;
        "indicator share-preview") found=(--tlp --group --people --cursor --limit) ;;
        "indicator share") found=(--tlp --group --people) ;;
        "file ls") found=(--kind --id --cursor --limit) ;;
        "file add") found=(--kind --id --name) ;;
        "file show") found=() ;;
        "file get") found=(--as) ;;
        "file picture") found=() ;;
        "file release") found=() ;;
        "file look") found=() ;;
        "file rm") found=() ;;
        "file saw") found=() ;;
        "file share-preview") found=(--tlp --group --people --cursor --limit) ;;
        "file share") found=(--tlp --group --people) ;;
        "finding versions") found=(--as-of --cursor --limit) ;;
        "notice versions") found=(--as-of --cursor --limit) ;;
        "indicator versions") found=(--as-of --cursor --limit) ;;
        "org versions") found=(--as-of --cursor --limit) ;;
        "reach show") found=(--kind --org --cursor --limit) ;;
        "group ls") found=(--single --cursor --limit) ;;
        "group show") found=() ;;
        "group add") found=(--name-en --name-ur --kind --members) ;;
        "group preview") found=(--add --remove) ;;
        "group set") found=(--name-en --name-ur --add --remove) ;;
        "glass ask") found=(--kind --record --reason --minutes) ;;
        "glass ls") found=() ;;
        "glass end") found=() ;;
        "delegation ls") found=(--cursor --limit) ;;
        "delegation preview") found=(--keeper --members) ;;
        "delegation add") found=(--keeper --members --until) ;;
        "delegation end") found=() ;;
        "contact ls") found=(--state --cursor --limit) ;;
        "contact show") found=() ;;
        "contact add") found=(--list) ;;
        "confirmation ls") found=(--state --cursor --limit) ;;
        "confirmation show") found=() ;;
        "confirmation add") found=(--list --people --end --back) ;;
        "action ls") found=(--state --org --about --subject --mine --cursor --limit) ;;
        "action add") found=(--about --subject --title --detail --lang --due --working-days --person) ;;
        "action show") found=() ;;
        "action set") found=(--title --detail --due --person --nobody) ;;
        "action step") found=(--to --said) ;;
        "calendar show") found=(--year) ;;
        "calendar due") found=(--working-days --from --org) ;;
        "calendar ics") found=() ;;
        "calendar add") found=(--from --until --name-en --name-ur --sector --province --expected) ;;
        "calendar set") found=(--from --until --name-en --name-ur --sector --province --expected) ;;
        "calendar rm") found=() ;;
        "view ls") found=() ;;
        "view add") found=(--name-en --name-ur --path --query --place) ;;
        "view set") found=(--name-en --name-ur --query --place) ;;
        "view share") found=(--whom --role) ;;
        "view rm") found=() ;;
        "leave add") found=(--person --deputy --from --until) ;;
        "leave ls") found=(--cursor --limit) ;;
        "leave end") found=() ;;
        "leave gaps") found=() ;;
        "task ls") found=() ;;
        "task done") found=() ;;
        "act ls") found=() ;;
        "act approve") found=() ;;
        "act refuse") found=() ;;
        "key ls") found=(--person) ;;
        "key add") found=(--name --access --days --scope --certificate --binds --person) ;;
        "key renew") found=() ;;
        "key rm") found=() ;;
        "passkey ls") found=() ;;
        "passkey rm") found=() ;;
        "factor add") found=() ;;
        "factor confirm") found=(--code) ;;
        "factor rm") found=() ;;
        "feed ls") found=() ;;
        "feed show") found=() ;;
        "feed add") found=(--key --name-en --name-ur --format --declaration --provider --accuracy --url --every-s --expect-every-s --tlp) ;;
        "feed set") found=(--state --declaration --every-s --expect-every-s) ;;
        "feed import") found=(--name --dry-run --wait) ;;
        "feed mapping") found=() ;;
        "event ls") found=(--q --org --feed --taxonomy --type --identifier --from --to --unowned --matched --cursor --limit) ;;
        "event show") found=() ;;
        "event count") found=(--q --org --feed --taxonomy --type --identifier --from --to --unowned --matched --cursor --limit) ;;
        "finding ls") found=(--state --org --identifier --notice --cursor --limit) ;;
        "finding show") found=() ;;
        "finding answer") found=(--answer --for-person) ;;
        "notice ls") found=(--state --org --cursor --limit) ;;
        "notice show") found=() ;;
        "notice ack") found=(--for-person) ;;
        "notice undo") found=() ;;
        "indicator ls") found=(--q --cursor --limit) ;;
        "indicator add") found=(--value --why --source --confidence --days --tlp) ;;
        "indicator import") found=(--name --dry-run --map --tlp --source) ;;
        "ledger ls") found=(--cursor --limit) ;;
        "ledger checkpoint") found=() ;;
        "ledger proof") found=() ;;
        "ledger growth") found=(--from) ;;
        "ledger witness") found=() ;;
        "ledger reads") found=(--cursor --limit) ;;
        "notice saw") found=() ;;
        "finding saw") found=() ;;
        "user rights") found=() ;;
        "user preview") found=(--roles) ;;
        "key preview") found=(--access --scope) ;;
        "realm ls") found=() ;;
        "realm add") found=(--name --kind --now) ;;
        "realm rm") found=() ;;
        "status show") found=() ;;
        "job ls") found=(--state) ;;
        "job show") found=() ;;
        "job stop") found=() ;;
        "job undo") found=() ;;
        "finding answer-many") found=(--answer --ids --all --total --state --org --identifier --notice --for-person) ;;
        "finding answer-preview") found=(--answer --ids --all --total --state --org --identifier --notice --for-person) ;;
        "notice ack-many") found=(--ids --all --total --state --org --for-person) ;;
        "notice ack-preview") found=(--ids --all --total --state --org --for-person) ;;
        "notice undo-many") found=(--ids --all --total --state --org) ;;
        "notice undo-preview") found=(--ids --all --total --state --org) ;;
        "init "*) found=(--key --name-en --name-ur --person --mail) ;;
        "serve "*) found=(--listen) ;;
        "doctor "*) found=() ;;
        "backup "*) found=(--keep --anew) ;;
        "restore "*) found=(--test --to --list --at --card --key --settings --work --release) ;;
        "keys "*) found=(--backups) ;;
        "demo "*) found=(--seed --now --scale --live) ;;
        "verify "*) found=() ;;
        "bench "*) found=() ;;
        "letterkey "*) found=(--key --certificate) ;;
        "completion "*) found=() ;;
        "help "*) found=() ;;
        "version "*) found=() ;;
        esac
            found+=(--data --realm --json --jsonl --csv --ui-lang --no-input) ;;
        esac
    fi
    _describe minar found
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _minar "$@"; else compdef _minar minar; fi
