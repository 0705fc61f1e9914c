# minar.fish - made by tools/gen/manual.py.
complete -c minar -f
complete -c minar -n 'not __fish_seen_subcommand_from init serve doctor backup restore keys demo verify bench letterkey completion help version act action calendar confirmation contact delegation event factor feed file finding glass group indicator job key leave ledger letter notice org passkey reach realm search status task user view' -a init -d 'set up a site, or make a new sign-in link'
complete -c minar -n "__fish_seen_subcommand_from init" -l key -r
complete -c minar -n "__fish_seen_subcommand_from init" -l name-en -r
complete -c minar -n "__fish_seen_subcommand_from init" -l name-ur -r
complete -c minar -n "__fish_seen_subcommand_from init" -l person -r
complete -c minar -n "__fish_seen_subcommand_from init" -l mail -r
complete -c minar -n 'not __fish_seen_subcommand_from init serve doctor backup restore keys demo verify bench letterkey completion help version act action calendar confirmation contact delegation event factor feed file finding glass group indicator job key leave ledger letter notice org passkey reach realm search status task user view' -a serve -d 'run the server (--listen ADDRESS:PORT)'
complete -c minar -n "__fish_seen_subcommand_from serve" -l listen -r
complete -c minar -n 'not __fish_seen_subcommand_from init serve doctor backup restore keys demo verify bench letterkey completion help version act action calendar confirmation contact delegation event factor feed file finding glass group indicator job key leave ledger letter notice org passkey reach realm search status task user view' -a doctor -d 'look at machine, folder and site: one line a check, with its fix'
complete -c minar -n 'not __fish_seen_subcommand_from init serve doctor backup restore keys demo verify bench letterkey completion help version act action calendar confirmation contact delegation event factor feed file finding glass group indicator job key leave ledger letter notice org passkey reach realm search status task user view' -a backup -d 'copy everything into a folder of backups, sealed; the server goes on'
complete -c minar -n "__fish_seen_subcommand_from backup" -l keep -r
complete -c minar -n "__fish_seen_subcommand_from backup" -l anew
complete -c minar -n 'not __fish_seen_subcommand_from init serve doctor backup restore keys demo verify bench letterkey completion help version act action calendar confirmation contact delegation event factor feed file finding glass group indicator job key leave ledger letter notice org passkey reach realm search status task user view' -a restore -d 'make a data folder of a backup, or with --test a drill that proves one'
complete -c minar -n "__fish_seen_subcommand_from restore" -l test
complete -c minar -n "__fish_seen_subcommand_from restore" -l to -r
complete -c minar -n "__fish_seen_subcommand_from restore" -l list
complete -c minar -n "__fish_seen_subcommand_from restore" -l at -r
complete -c minar -n "__fish_seen_subcommand_from restore" -l card -r
complete -c minar -n "__fish_seen_subcommand_from restore" -l key -r
complete -c minar -n "__fish_seen_subcommand_from restore" -l settings -r
complete -c minar -n "__fish_seen_subcommand_from restore" -l work -r
complete -c minar -n "__fish_seen_subcommand_from restore" -l release -r
complete -c minar -n 'not __fish_seen_subcommand_from init serve doctor backup restore keys demo verify bench letterkey completion help version act action calendar confirmation contact delegation event factor feed file finding glass group indicator job key leave ledger letter notice org passkey reach realm search status task user view' -a keys -d 'which keys there are, who holds the backup key'\''s cards, and the ceremony'
complete -c minar -n "__fish_seen_subcommand_from keys" -l backups -r
complete -c minar -n "__fish_seen_subcommand_from keys" -a 'ls ceremony check rotate'
complete -c minar -n 'not __fish_seen_subcommand_from init serve doctor backup restore keys demo verify bench letterkey completion help version act action calendar confirmation contact delegation event factor feed file finding glass group indicator job key leave ledger letter notice org passkey reach realm search status task user view' -a demo -d 'make the demonstration country (--seed N)'
complete -c minar -n "__fish_seen_subcommand_from demo" -l seed -r
complete -c minar -n "__fish_seen_subcommand_from demo" -l now -r
complete -c minar -n "__fish_seen_subcommand_from demo" -l scale -r
complete -c minar -n "__fish_seen_subcommand_from demo" -l live
complete -c minar -n 'not __fish_seen_subcommand_from init serve doctor backup restore keys demo verify bench letterkey completion help version act action calendar confirmation contact delegation event factor feed file finding glass group indicator job key leave ledger letter notice org passkey reach realm search status task user view' -a verify -d 'prove the ledger and every record against it'
complete -c minar -n 'not __fish_seen_subcommand_from init serve doctor backup restore keys demo verify bench letterkey completion help version act action calendar confirmation contact delegation event factor feed file finding glass group indicator job key leave ledger letter notice org passkey reach realm search status task user view' -a bench -d 'measure this machine: disk, hashing, pipeline'
complete -c minar -n 'not __fish_seen_subcommand_from init serve doctor backup restore keys demo verify bench letterkey completion help version act action calendar confirmation contact delegation event factor feed file finding glass group indicator job key leave ledger letter notice org passkey reach realm search status task user view' -a letterkey -d 'the key and certificate that sign letters: show, renew, take'
complete -c minar -n "__fish_seen_subcommand_from letterkey" -l key -r
complete -c minar -n "__fish_seen_subcommand_from letterkey" -l certificate -r
complete -c minar -n "__fish_seen_subcommand_from letterkey" -a 'show renew take'
complete -c minar -n 'not __fish_seen_subcommand_from init serve doctor backup restore keys demo verify bench letterkey completion help version act action calendar confirmation contact delegation event factor feed file finding glass group indicator job key leave ledger letter notice org passkey reach realm search status task user view' -a completion -d 'print the completion for a shell: bash, zsh or fish'
complete -c minar -n "__fish_seen_subcommand_from completion" -a 'bash zsh fish'
complete -c minar -n 'not __fish_seen_subcommand_from init serve doctor backup restore keys demo verify bench letterkey completion help version act action calendar confirmation contact delegation event factor feed file finding glass group indicator job key leave ledger letter notice org passkey reach realm search status task user view' -a help -d 'this page; minar help NOUN VERB for one command'
complete -c minar -n 'not __fish_seen_subcommand_from init serve doctor backup restore keys demo verify bench letterkey completion help version act action calendar confirmation contact delegation event factor feed file finding glass group indicator job key leave ledger letter notice org passkey reach realm search status task user view' -a version -d 'the version'
complete -c minar -n 'not __fish_seen_subcommand_from init serve doctor backup restore keys demo verify bench letterkey completion help version act action calendar confirmation contact delegation event factor feed file finding glass group indicator job key leave ledger letter notice org passkey reach realm search status task user view' -a act
complete -c minar -n "__fish_seen_subcommand_from act; and not __fish_seen_subcommand_from approve ls refuse" -a approve -d 'Lets a waiting act happen'
complete -c minar -n "__fish_seen_subcommand_from act; and not __fish_seen_subcommand_from approve ls refuse" -a ls -d 'Acts that wait for a second person'
complete -c minar -n "__fish_seen_subcommand_from act; and not __fish_seen_subcommand_from approve ls refuse" -a refuse -d 'Refuses a waiting act, or takes back one of your own'
complete -c minar -n 'not __fish_seen_subcommand_from init serve doctor backup restore keys demo verify bench letterkey completion help version act action calendar confirmation contact delegation event factor feed file finding glass group indicator job key leave ledger letter notice org passkey reach realm search status task user view' -a action
complete -c minar -n "__fish_seen_subcommand_from action; and not __fish_seen_subcommand_from add ls set show step" -a add -d 'Give an organisation something to do'
complete -c minar -n "__fish_seen_subcommand_from action; and __fish_seen_subcommand_from add" -l about -x -a 'organisation finding notice'
complete -c minar -n "__fish_seen_subcommand_from action; and __fish_seen_subcommand_from add" -l subject -x
complete -c minar -n "__fish_seen_subcommand_from action; and __fish_seen_subcommand_from add" -l title -x
complete -c minar -n "__fish_seen_subcommand_from action; and __fish_seen_subcommand_from add" -l detail -x
complete -c minar -n "__fish_seen_subcommand_from action; and __fish_seen_subcommand_from add" -l lang -x -a 'en ur'
complete -c minar -n "__fish_seen_subcommand_from action; and __fish_seen_subcommand_from add" -l due -x
complete -c minar -n "__fish_seen_subcommand_from action; and __fish_seen_subcommand_from add" -l working-days -x
complete -c minar -n "__fish_seen_subcommand_from action; and __fish_seen_subcommand_from add" -l person -x
complete -c minar -n "__fish_seen_subcommand_from action; and not __fish_seen_subcommand_from add ls set show step" -a ls -d 'What organisations have to do, the earliest first'
complete -c minar -n "__fish_seen_subcommand_from action; and __fish_seen_subcommand_from ls" -l state -x -a 'open done verified dropped'
complete -c minar -n "__fish_seen_subcommand_from action; and __fish_seen_subcommand_from ls" -l org -x
complete -c minar -n "__fish_seen_subcommand_from action; and __fish_seen_subcommand_from ls" -l about -x -a 'organisation finding notice'
complete -c minar -n "__fish_seen_subcommand_from action; and __fish_seen_subcommand_from ls" -l subject -x
complete -c minar -n "__fish_seen_subcommand_from action; and __fish_seen_subcommand_from ls" -l mine
complete -c minar -n "__fish_seen_subcommand_from action; and __fish_seen_subcommand_from ls" -l cursor -x
complete -c minar -n "__fish_seen_subcommand_from action; and __fish_seen_subcommand_from ls" -l limit -x
complete -c minar -n "__fish_seen_subcommand_from action; and not __fish_seen_subcommand_from add ls set show step" -a set -d 'Change its words, its time or who does it'
complete -c minar -n "__fish_seen_subcommand_from action; and __fish_seen_subcommand_from set" -l title -x
complete -c minar -n "__fish_seen_subcommand_from action; and __fish_seen_subcommand_from set" -l detail -x
complete -c minar -n "__fish_seen_subcommand_from action; and __fish_seen_subcommand_from set" -l due -x
complete -c minar -n "__fish_seen_subcommand_from action; and __fish_seen_subcommand_from set" -l person -x
complete -c minar -n "__fish_seen_subcommand_from action; and __fish_seen_subcommand_from set" -l nobody
complete -c minar -n "__fish_seen_subcommand_from action; and not __fish_seen_subcommand_from add ls set show step" -a show -d 'One thing to do: who, by when, what was done, what came of it'
complete -c minar -n "__fish_seen_subcommand_from action; and not __fish_seen_subcommand_from add ls set show step" -a step -d 'Say that it is done, verified, open again or dropped'
complete -c minar -n "__fish_seen_subcommand_from action; and __fish_seen_subcommand_from step" -l to -x -a 'done verified open dropped'
complete -c minar -n "__fish_seen_subcommand_from action; and __fish_seen_subcommand_from step" -l said -x
complete -c minar -n 'not __fish_seen_subcommand_from init serve doctor backup restore keys demo verify bench letterkey completion help version act action calendar confirmation contact delegation event factor feed file finding glass group indicator job key leave ledger letter notice org passkey reach realm search status task user view' -a calendar
complete -c minar -n "__fish_seen_subcommand_from calendar; and not __fish_seen_subcommand_from add due ics rm set show" -a add -d 'Enter a holiday'
complete -c minar -n "__fish_seen_subcommand_from calendar; and __fish_seen_subcommand_from add" -l from -x
complete -c minar -n "__fish_seen_subcommand_from calendar; and __fish_seen_subcommand_from add" -l until -x
complete -c minar -n "__fish_seen_subcommand_from calendar; and __fish_seen_subcommand_from add" -l name-en -x
complete -c minar -n "__fish_seen_subcommand_from calendar; and __fish_seen_subcommand_from add" -l name-ur -x
complete -c minar -n "__fish_seen_subcommand_from calendar; and __fish_seen_subcommand_from add" -l sector -x -a 'government finance telecom health energy transport education media other'
complete -c minar -n "__fish_seen_subcommand_from calendar; and __fish_seen_subcommand_from add" -l province -x
complete -c minar -n "__fish_seen_subcommand_from calendar; and __fish_seen_subcommand_from add" -l expected
complete -c minar -n "__fish_seen_subcommand_from calendar; and not __fish_seen_subcommand_from add due ics rm set show" -a due -d 'When so many working days have passed'
complete -c minar -n "__fish_seen_subcommand_from calendar; and __fish_seen_subcommand_from due" -l working-days -x
complete -c minar -n "__fish_seen_subcommand_from calendar; and __fish_seen_subcommand_from due" -l from -x
complete -c minar -n "__fish_seen_subcommand_from calendar; and __fish_seen_subcommand_from due" -l org -x
complete -c minar -n "__fish_seen_subcommand_from calendar; and not __fish_seen_subcommand_from add due ics rm set show" -a ics -d 'The holidays for a calendar program'
complete -c minar -n "__fish_seen_subcommand_from calendar; and not __fish_seen_subcommand_from add due ics rm set show" -a rm -d 'Take a holiday out'
complete -c minar -n "__fish_seen_subcommand_from calendar; and not __fish_seen_subcommand_from add due ics rm set show" -a set -d 'Move or rename a holiday'
complete -c minar -n "__fish_seen_subcommand_from calendar; and __fish_seen_subcommand_from set" -l from -x
complete -c minar -n "__fish_seen_subcommand_from calendar; and __fish_seen_subcommand_from set" -l until -x
complete -c minar -n "__fish_seen_subcommand_from calendar; and __fish_seen_subcommand_from set" -l name-en -x
complete -c minar -n "__fish_seen_subcommand_from calendar; and __fish_seen_subcommand_from set" -l name-ur -x
complete -c minar -n "__fish_seen_subcommand_from calendar; and __fish_seen_subcommand_from set" -l sector -x -a 'government finance telecom health energy transport education media other'
complete -c minar -n "__fish_seen_subcommand_from calendar; and __fish_seen_subcommand_from set" -l province -x
complete -c minar -n "__fish_seen_subcommand_from calendar; and __fish_seen_subcommand_from set" -l expected
complete -c minar -n "__fish_seen_subcommand_from calendar; and not __fish_seen_subcommand_from add due ics rm set show" -a show -d 'On which days of a year offices are closed'
complete -c minar -n "__fish_seen_subcommand_from calendar; and __fish_seen_subcommand_from show" -l year -x
complete -c minar -n 'not __fish_seen_subcommand_from init serve doctor backup restore keys demo verify bench letterkey completion help version act action calendar confirmation contact delegation event factor feed file finding glass group indicator job key leave ledger letter notice org passkey reach realm search status task user view' -a confirmation
complete -c minar -n "__fish_seen_subcommand_from confirmation; and not __fish_seen_subcommand_from add ls show" -a add -d 'Confirms the people of the list as it was shown'
complete -c minar -n "__fish_seen_subcommand_from confirmation; and __fish_seen_subcommand_from add" -l list -x
complete -c minar -n "__fish_seen_subcommand_from confirmation; and __fish_seen_subcommand_from add" -l people -x
complete -c minar -n "__fish_seen_subcommand_from confirmation; and __fish_seen_subcommand_from add" -l end -x
complete -c minar -n "__fish_seen_subcommand_from confirmation; and __fish_seen_subcommand_from add" -l back -x
complete -c minar -n "__fish_seen_subcommand_from confirmation; and not __fish_seen_subcommand_from add ls show" -a ls -d 'Which organisations have to confirm who may act for them, and how far they are'
complete -c minar -n "__fish_seen_subcommand_from confirmation; and __fish_seen_subcommand_from ls" -l state -x -a 'quiet open late'
complete -c minar -n "__fish_seen_subcommand_from confirmation; and __fish_seen_subcommand_from ls" -l cursor -x
complete -c minar -n "__fish_seen_subcommand_from confirmation; and __fish_seen_subcommand_from ls" -l limit -x
complete -c minar -n "__fish_seen_subcommand_from confirmation; and not __fish_seen_subcommand_from add ls show" -a show -d 'Everybody who may act for an organisation, to be confirmed'
complete -c minar -n 'not __fish_seen_subcommand_from init serve doctor backup restore keys demo verify bench letterkey completion help version act action calendar confirmation contact delegation event factor feed file finding glass group indicator job key leave ledger letter notice org passkey reach realm search status task user view' -a contact
complete -c minar -n "__fish_seen_subcommand_from contact; and not __fish_seen_subcommand_from add ls show" -a add -d 'Confirms the contacts of an organisation without a change'
complete -c minar -n "__fish_seen_subcommand_from contact; and __fish_seen_subcommand_from add" -l list -x
complete -c minar -n "__fish_seen_subcommand_from contact; and not __fish_seen_subcommand_from add ls show" -a ls -d 'Lists organisations by how long nobody has confirmed their contacts'
complete -c minar -n "__fish_seen_subcommand_from contact; and __fish_seen_subcommand_from ls" -l state -x -a 'fresh due stale'
complete -c minar -n "__fish_seen_subcommand_from contact; and __fish_seen_subcommand_from ls" -l cursor -x
complete -c minar -n "__fish_seen_subcommand_from contact; and __fish_seen_subcommand_from ls" -l limit -x
complete -c minar -n "__fish_seen_subcommand_from contact; and not __fish_seen_subcommand_from add ls show" -a show -d 'Shows the contacts of an organisation and when each was last confirmed'
complete -c minar -n 'not __fish_seen_subcommand_from init serve doctor backup restore keys demo verify bench letterkey completion help version act action calendar confirmation contact delegation event factor feed file finding glass group indicator job key leave ledger letter notice org passkey reach realm search status task user view' -a delegation
complete -c minar -n "__fish_seen_subcommand_from delegation; and not __fish_seen_subcommand_from add end ls preview" -a add -d 'Gives the administration of organisations'\'' people and keys to another one; a second person must let it happen'
complete -c minar -n "__fish_seen_subcommand_from delegation; and __fish_seen_subcommand_from add" -l keeper -x
complete -c minar -n "__fish_seen_subcommand_from delegation; and __fish_seen_subcommand_from add" -l members -x
complete -c minar -n "__fish_seen_subcommand_from delegation; and __fish_seen_subcommand_from add" -l until -x
complete -c minar -n "__fish_seen_subcommand_from delegation; and not __fish_seen_subcommand_from add end ls preview" -a end -d 'Takes delegated administration back at once'
complete -c minar -n "__fish_seen_subcommand_from delegation; and not __fish_seen_subcommand_from add end ls preview" -a ls -d 'Which organisation administers which other one'\''s people and keys'
complete -c minar -n "__fish_seen_subcommand_from delegation; and __fish_seen_subcommand_from ls" -l cursor -x
complete -c minar -n "__fish_seen_subcommand_from delegation; and __fish_seen_subcommand_from ls" -l limit -x
complete -c minar -n "__fish_seen_subcommand_from delegation; and not __fish_seen_subcommand_from add end ls preview" -a preview -d 'What it would come to if one organisation administered others'
complete -c minar -n "__fish_seen_subcommand_from delegation; and __fish_seen_subcommand_from preview" -l keeper -x
complete -c minar -n "__fish_seen_subcommand_from delegation; and __fish_seen_subcommand_from preview" -l members -x
complete -c minar -n 'not __fish_seen_subcommand_from init serve doctor backup restore keys demo verify bench letterkey completion help version act action calendar confirmation contact delegation event factor feed file finding glass group indicator job key leave ledger letter notice org passkey reach realm search status task user view' -a event
complete -c minar -n "__fish_seen_subcommand_from event; and not __fish_seen_subcommand_from count ls show" -a count -d 'How many, when, and of what'
complete -c minar -n "__fish_seen_subcommand_from event; and __fish_seen_subcommand_from count" -l q -x
complete -c minar -n "__fish_seen_subcommand_from event; and __fish_seen_subcommand_from count" -l org -x
complete -c minar -n "__fish_seen_subcommand_from event; and __fish_seen_subcommand_from count" -l feed -x
complete -c minar -n "__fish_seen_subcommand_from event; and __fish_seen_subcommand_from count" -l taxonomy -x
complete -c minar -n "__fish_seen_subcommand_from event; and __fish_seen_subcommand_from count" -l type -x
complete -c minar -n "__fish_seen_subcommand_from event; and __fish_seen_subcommand_from count" -l identifier -x
complete -c minar -n "__fish_seen_subcommand_from event; and __fish_seen_subcommand_from count" -l from -x
complete -c minar -n "__fish_seen_subcommand_from event; and __fish_seen_subcommand_from count" -l to -x
complete -c minar -n "__fish_seen_subcommand_from event; and __fish_seen_subcommand_from count" -l unowned
complete -c minar -n "__fish_seen_subcommand_from event; and __fish_seen_subcommand_from count" -l matched
complete -c minar -n "__fish_seen_subcommand_from event; and __fish_seen_subcommand_from count" -l cursor -x
complete -c minar -n "__fish_seen_subcommand_from event; and __fish_seen_subcommand_from count" -l limit -x
complete -c minar -n "__fish_seen_subcommand_from event; and not __fish_seen_subcommand_from count ls show" -a ls -d 'Events, newest first; by address, network, domain or AS number'
complete -c minar -n "__fish_seen_subcommand_from event; and __fish_seen_subcommand_from ls" -l q -x
complete -c minar -n "__fish_seen_subcommand_from event; and __fish_seen_subcommand_from ls" -l org -x
complete -c minar -n "__fish_seen_subcommand_from event; and __fish_seen_subcommand_from ls" -l feed -x
complete -c minar -n "__fish_seen_subcommand_from event; and __fish_seen_subcommand_from ls" -l taxonomy -x
complete -c minar -n "__fish_seen_subcommand_from event; and __fish_seen_subcommand_from ls" -l type -x
complete -c minar -n "__fish_seen_subcommand_from event; and __fish_seen_subcommand_from ls" -l identifier -x
complete -c minar -n "__fish_seen_subcommand_from event; and __fish_seen_subcommand_from ls" -l from -x
complete -c minar -n "__fish_seen_subcommand_from event; and __fish_seen_subcommand_from ls" -l to -x
complete -c minar -n "__fish_seen_subcommand_from event; and __fish_seen_subcommand_from ls" -l unowned
complete -c minar -n "__fish_seen_subcommand_from event; and __fish_seen_subcommand_from ls" -l matched
complete -c minar -n "__fish_seen_subcommand_from event; and __fish_seen_subcommand_from ls" -l cursor -x
complete -c minar -n "__fish_seen_subcommand_from event; and __fish_seen_subcommand_from ls" -l limit -x
complete -c minar -n "__fish_seen_subcommand_from event; and not __fish_seen_subcommand_from count ls show" -a show -d 'One event with its raw row'
complete -c minar -n 'not __fish_seen_subcommand_from init serve doctor backup restore keys demo verify bench letterkey completion help version act action calendar confirmation contact delegation event factor feed file finding glass group indicator job key leave ledger letter notice org passkey reach realm search status task user view' -a factor
complete -c minar -n "__fish_seen_subcommand_from factor; and not __fish_seen_subcommand_from add confirm rm" -a add -d 'A fresh secret for your authenticator; confirm its first code'
complete -c minar -n "__fish_seen_subcommand_from factor; and not __fish_seen_subcommand_from add confirm rm" -a confirm -d 'Confirms the first code of your authenticator'
complete -c minar -n "__fish_seen_subcommand_from factor; and __fish_seen_subcommand_from confirm" -l code -x
complete -c minar -n "__fish_seen_subcommand_from factor; and not __fish_seen_subcommand_from add confirm rm" -a rm -d 'Ends your authenticator'
complete -c minar -n 'not __fish_seen_subcommand_from init serve doctor backup restore keys demo verify bench letterkey completion help version act action calendar confirmation contact delegation event factor feed file finding glass group indicator job key leave ledger letter notice org passkey reach realm search status task user view' -a feed
complete -c minar -n "__fish_seen_subcommand_from feed; and not __fish_seen_subcommand_from add import ls mapping set show" -a add -d 'Adds a feed'
complete -c minar -n "__fish_seen_subcommand_from feed; and __fish_seen_subcommand_from add" -l key -x
complete -c minar -n "__fish_seen_subcommand_from feed; and __fish_seen_subcommand_from add" -l name-en -x
complete -c minar -n "__fish_seen_subcommand_from feed; and __fish_seen_subcommand_from add" -l name-ur -x
complete -c minar -n "__fish_seen_subcommand_from feed; and __fish_seen_subcommand_from add" -l format -x -a 'shadowserver csv jsonl'
complete -c minar -n "__fish_seen_subcommand_from feed; and __fish_seen_subcommand_from add" -l declaration -x
complete -c minar -n "__fish_seen_subcommand_from feed; and __fish_seen_subcommand_from add" -l provider -x
complete -c minar -n "__fish_seen_subcommand_from feed; and __fish_seen_subcommand_from add" -l accuracy -x
complete -c minar -n "__fish_seen_subcommand_from feed; and __fish_seen_subcommand_from add" -l url -x
complete -c minar -n "__fish_seen_subcommand_from feed; and __fish_seen_subcommand_from add" -l every-s -x
complete -c minar -n "__fish_seen_subcommand_from feed; and __fish_seen_subcommand_from add" -l expect-every-s -x
complete -c minar -n "__fish_seen_subcommand_from feed; and __fish_seen_subcommand_from add" -l tlp -x
complete -c minar -n "__fish_seen_subcommand_from feed; and not __fish_seen_subcommand_from add import ls mapping set show" -a import -d 'Reads in one file of a feed'
complete -c minar -n "__fish_seen_subcommand_from feed; and __fish_seen_subcommand_from import" -l name -x
complete -c minar -n "__fish_seen_subcommand_from feed; and __fish_seen_subcommand_from import" -l dry-run
complete -c minar -n "__fish_seen_subcommand_from feed; and __fish_seen_subcommand_from import" -l wait
complete -c minar -n "__fish_seen_subcommand_from feed; and not __fish_seen_subcommand_from add import ls mapping set show" -a ls -d 'Feeds with their health'
complete -c minar -n "__fish_seen_subcommand_from feed; and not __fish_seen_subcommand_from add import ls mapping set show" -a mapping -d 'Loads Shadowserver'\''s published mapping file'
complete -c minar -n "__fish_seen_subcommand_from feed; and not __fish_seen_subcommand_from add import ls mapping set show" -a set -d 'Pauses, resumes or changes a feed'
complete -c minar -n "__fish_seen_subcommand_from feed; and __fish_seen_subcommand_from set" -l state -x -a 'active paused'
complete -c minar -n "__fish_seen_subcommand_from feed; and __fish_seen_subcommand_from set" -l declaration -x
complete -c minar -n "__fish_seen_subcommand_from feed; and __fish_seen_subcommand_from set" -l every-s -x
complete -c minar -n "__fish_seen_subcommand_from feed; and __fish_seen_subcommand_from set" -l expect-every-s -x
complete -c minar -n "__fish_seen_subcommand_from feed; and not __fish_seen_subcommand_from add import ls mapping set show" -a show -d 'One feed'
complete -c minar -n 'not __fish_seen_subcommand_from init serve doctor backup restore keys demo verify bench letterkey completion help version act action calendar confirmation contact delegation event factor feed file finding glass group indicator job key leave ledger letter notice org passkey reach realm search status task user view' -a file
complete -c minar -n "__fish_seen_subcommand_from file; and not __fish_seen_subcommand_from add get look ls picture release rm saw share share-preview show" -a add -d 'Attaches a file, in quarantine; the sandbox looks at it'
complete -c minar -n "__fish_seen_subcommand_from file; and __fish_seen_subcommand_from add" -l kind -x -a 'organisation finding notice'
complete -c minar -n "__fish_seen_subcommand_from file; and __fish_seen_subcommand_from add" -l id -x
complete -c minar -n "__fish_seen_subcommand_from file; and __fish_seen_subcommand_from add" -l name -x
complete -c minar -n "__fish_seen_subcommand_from file; and not __fish_seen_subcommand_from add get look ls picture release rm saw share share-preview show" -a get -d 'Writes the bytes of a file, in a zip under the password infected'
complete -c minar -n "__fish_seen_subcommand_from file; and __fish_seen_subcommand_from get" -l as -x -a 'zip plain'
complete -c minar -n "__fish_seen_subcommand_from file; and not __fish_seen_subcommand_from add get look ls picture release rm saw share share-preview show" -a look -d 'Has the sandbox look at a file again'
complete -c minar -n "__fish_seen_subcommand_from file; and not __fish_seen_subcommand_from add get look ls picture release rm saw share share-preview show" -a ls -d 'Files of an organisation, a finding or a notice, newest first'
complete -c minar -n "__fish_seen_subcommand_from file; and __fish_seen_subcommand_from ls" -l kind -x -a 'organisation finding notice'
complete -c minar -n "__fish_seen_subcommand_from file; and __fish_seen_subcommand_from ls" -l id -x
complete -c minar -n "__fish_seen_subcommand_from file; and __fish_seen_subcommand_from ls" -l cursor -x
complete -c minar -n "__fish_seen_subcommand_from file; and __fish_seen_subcommand_from ls" -l limit -x
complete -c minar -n "__fish_seen_subcommand_from file; and not __fish_seen_subcommand_from add get look ls picture release rm saw share share-preview show" -a picture -d 'Writes the plain picture that the sandbox has made of a file'
complete -c minar -n "__fish_seen_subcommand_from file; and not __fish_seen_subcommand_from add get look ls picture release rm saw share share-preview show" -a release -d 'Lets a file out of quarantine'
complete -c minar -n "__fish_seen_subcommand_from file; and not __fish_seen_subcommand_from add get look ls picture release rm saw share share-preview show" -a rm -d 'Erases a file for good; this cannot be undone'
complete -c minar -n "__fish_seen_subcommand_from file; and not __fish_seen_subcommand_from add get look ls picture release rm saw share share-preview show" -a saw -d 'Who saw a file; for its owner'\''s people.'
complete -c minar -n "__fish_seen_subcommand_from file; and not __fish_seen_subcommand_from add get look ls picture release rm saw share share-preview show" -a share -d 'Gives a file another label or audience'
complete -c minar -n "__fish_seen_subcommand_from file; and __fish_seen_subcommand_from share" -l tlp -x
complete -c minar -n "__fish_seen_subcommand_from file; and __fish_seen_subcommand_from share" -l group -x
complete -c minar -n "__fish_seen_subcommand_from file; and __fish_seen_subcommand_from share" -l people -x
complete -c minar -n "__fish_seen_subcommand_from file; and not __fish_seen_subcommand_from add get look ls picture release rm saw share share-preview show" -a share-preview -d 'Who would gain and lose sight of a file by another label or audience'
complete -c minar -n "__fish_seen_subcommand_from file; and __fish_seen_subcommand_from share-preview" -l tlp -x
complete -c minar -n "__fish_seen_subcommand_from file; and __fish_seen_subcommand_from share-preview" -l group -x
complete -c minar -n "__fish_seen_subcommand_from file; and __fish_seen_subcommand_from share-preview" -l people -x
complete -c minar -n "__fish_seen_subcommand_from file; and __fish_seen_subcommand_from share-preview" -l cursor -x
complete -c minar -n "__fish_seen_subcommand_from file; and __fish_seen_subcommand_from share-preview" -l limit -x
complete -c minar -n "__fish_seen_subcommand_from file; and not __fish_seen_subcommand_from add get look ls picture release rm saw share share-preview show" -a show -d 'One file: its hashes and what the sandbox says of it'
complete -c minar -n 'not __fish_seen_subcommand_from init serve doctor backup restore keys demo verify bench letterkey completion help version act action calendar confirmation contact delegation event factor feed file finding glass group indicator job key leave ledger letter notice org passkey reach realm search status task user view' -a finding
complete -c minar -n "__fish_seen_subcommand_from finding; and not __fish_seen_subcommand_from answer answer-many answer-preview ls reach saw share share-preview show versions" -a answer -d 'Answers a finding: fixed, not_mine or false_positive'
complete -c minar -n "__fish_seen_subcommand_from finding; and __fish_seen_subcommand_from answer" -l answer -x -a 'fixed not_mine false_positive'
complete -c minar -n "__fish_seen_subcommand_from finding; and __fish_seen_subcommand_from answer" -l for-person -x
complete -c minar -n "__fish_seen_subcommand_from finding; and not __fish_seen_subcommand_from answer answer-many answer-preview ls reach saw share share-preview show versions" -a answer-many -d 'Answers many findings: --ids, or --all with a filter'
complete -c minar -n "__fish_seen_subcommand_from finding; and __fish_seen_subcommand_from answer-many" -l answer -x -a 'fixed not_mine false_positive'
complete -c minar -n "__fish_seen_subcommand_from finding; and __fish_seen_subcommand_from answer-many" -l ids -x
complete -c minar -n "__fish_seen_subcommand_from finding; and __fish_seen_subcommand_from answer-many" -l all
complete -c minar -n "__fish_seen_subcommand_from finding; and __fish_seen_subcommand_from answer-many" -l total -x
complete -c minar -n "__fish_seen_subcommand_from finding; and __fish_seen_subcommand_from answer-many" -l state -x
complete -c minar -n "__fish_seen_subcommand_from finding; and __fish_seen_subcommand_from answer-many" -l org -x
complete -c minar -n "__fish_seen_subcommand_from finding; and __fish_seen_subcommand_from answer-many" -l identifier -x
complete -c minar -n "__fish_seen_subcommand_from finding; and __fish_seen_subcommand_from answer-many" -l notice -x
complete -c minar -n "__fish_seen_subcommand_from finding; and __fish_seen_subcommand_from answer-many" -l for-person -x
complete -c minar -n "__fish_seen_subcommand_from finding; and not __fish_seen_subcommand_from answer answer-many answer-preview ls reach saw share share-preview show versions" -a answer-preview -d 'Shows what answering many findings would do'
complete -c minar -n "__fish_seen_subcommand_from finding; and __fish_seen_subcommand_from answer-preview" -l answer -x -a 'fixed not_mine false_positive'
complete -c minar -n "__fish_seen_subcommand_from finding; and __fish_seen_subcommand_from answer-preview" -l ids -x
complete -c minar -n "__fish_seen_subcommand_from finding; and __fish_seen_subcommand_from answer-preview" -l all
complete -c minar -n "__fish_seen_subcommand_from finding; and __fish_seen_subcommand_from answer-preview" -l total -x
complete -c minar -n "__fish_seen_subcommand_from finding; and __fish_seen_subcommand_from answer-preview" -l state -x
complete -c minar -n "__fish_seen_subcommand_from finding; and __fish_seen_subcommand_from answer-preview" -l org -x
complete -c minar -n "__fish_seen_subcommand_from finding; and __fish_seen_subcommand_from answer-preview" -l identifier -x
complete -c minar -n "__fish_seen_subcommand_from finding; and __fish_seen_subcommand_from answer-preview" -l notice -x
complete -c minar -n "__fish_seen_subcommand_from finding; and __fish_seen_subcommand_from answer-preview" -l for-person -x
complete -c minar -n "__fish_seen_subcommand_from finding; and not __fish_seen_subcommand_from answer answer-many answer-preview ls reach saw share share-preview show versions" -a ls -d 'Findings, last seen first'
complete -c minar -n "__fish_seen_subcommand_from finding; and __fish_seen_subcommand_from ls" -l state -x
complete -c minar -n "__fish_seen_subcommand_from finding; and __fish_seen_subcommand_from ls" -l org -x
complete -c minar -n "__fish_seen_subcommand_from finding; and __fish_seen_subcommand_from ls" -l identifier -x
complete -c minar -n "__fish_seen_subcommand_from finding; and __fish_seen_subcommand_from ls" -l notice -x
complete -c minar -n "__fish_seen_subcommand_from finding; and __fish_seen_subcommand_from ls" -l cursor -x
complete -c minar -n "__fish_seen_subcommand_from finding; and __fish_seen_subcommand_from ls" -l limit -x
complete -c minar -n "__fish_seen_subcommand_from finding; and not __fish_seen_subcommand_from answer answer-many answer-preview ls reach saw share share-preview show versions" -a reach -d 'Who may see a finding now, and why.'
complete -c minar -n "__fish_seen_subcommand_from finding; and __fish_seen_subcommand_from reach" -l org -x
complete -c minar -n "__fish_seen_subcommand_from finding; and __fish_seen_subcommand_from reach" -l cursor -x
complete -c minar -n "__fish_seen_subcommand_from finding; and __fish_seen_subcommand_from reach" -l limit -x
complete -c minar -n "__fish_seen_subcommand_from finding; and not __fish_seen_subcommand_from answer answer-many answer-preview ls reach saw share share-preview show versions" -a saw -d 'Who saw a finding; for its owner'\''s people.'
complete -c minar -n "__fish_seen_subcommand_from finding; and not __fish_seen_subcommand_from answer answer-many answer-preview ls reach saw share share-preview show versions" -a share -d 'Gives a finding another label or audience.'
complete -c minar -n "__fish_seen_subcommand_from finding; and __fish_seen_subcommand_from share" -l tlp -x
complete -c minar -n "__fish_seen_subcommand_from finding; and __fish_seen_subcommand_from share" -l group -x
complete -c minar -n "__fish_seen_subcommand_from finding; and __fish_seen_subcommand_from share" -l people -x
complete -c minar -n "__fish_seen_subcommand_from finding; and not __fish_seen_subcommand_from answer answer-many answer-preview ls reach saw share share-preview show versions" -a share-preview -d 'Who would gain and lose sight of a finding by another label or audience.'
complete -c minar -n "__fish_seen_subcommand_from finding; and __fish_seen_subcommand_from share-preview" -l tlp -x
complete -c minar -n "__fish_seen_subcommand_from finding; and __fish_seen_subcommand_from share-preview" -l group -x
complete -c minar -n "__fish_seen_subcommand_from finding; and __fish_seen_subcommand_from share-preview" -l people -x
complete -c minar -n "__fish_seen_subcommand_from finding; and __fish_seen_subcommand_from share-preview" -l cursor -x
complete -c minar -n "__fish_seen_subcommand_from finding; and __fish_seen_subcommand_from share-preview" -l limit -x
complete -c minar -n "__fish_seen_subcommand_from finding; and not __fish_seen_subcommand_from answer answer-many answer-preview ls reach saw share share-preview show versions" -a show -d 'One finding, with why this owner'
complete -c minar -n "__fish_seen_subcommand_from finding; and not __fish_seen_subcommand_from answer answer-many answer-preview ls reach saw share share-preview show versions" -a versions -d 'What a finding was before'
complete -c minar -n "__fish_seen_subcommand_from finding; and __fish_seen_subcommand_from versions" -l as-of -x
complete -c minar -n "__fish_seen_subcommand_from finding; and __fish_seen_subcommand_from versions" -l cursor -x
complete -c minar -n "__fish_seen_subcommand_from finding; and __fish_seen_subcommand_from versions" -l limit -x
complete -c minar -n 'not __fish_seen_subcommand_from init serve doctor backup restore keys demo verify bench letterkey completion help version act action calendar confirmation contact delegation event factor feed file finding glass group indicator job key leave ledger letter notice org passkey reach realm search status task user view' -a glass
complete -c minar -n "__fish_seen_subcommand_from glass; and not __fish_seen_subcommand_from ask end ls" -a ask -d 'Asks for reading one thing in an emergency; two others must let it happen'
complete -c minar -n "__fish_seen_subcommand_from glass; and __fish_seen_subcommand_from ask" -l kind -x -a 'finding notice indicator'
complete -c minar -n "__fish_seen_subcommand_from glass; and __fish_seen_subcommand_from ask" -l record -x
complete -c minar -n "__fish_seen_subcommand_from glass; and __fish_seen_subcommand_from ask" -l reason -x
complete -c minar -n "__fish_seen_subcommand_from glass; and __fish_seen_subcommand_from ask" -l minutes -x
complete -c minar -n "__fish_seen_subcommand_from glass; and not __fish_seen_subcommand_from ask end ls" -a end -d 'Closes at once what was opened in an emergency'
complete -c minar -n "__fish_seen_subcommand_from glass; and not __fish_seen_subcommand_from ask end ls" -a ls -d 'What was opened in an emergency'
complete -c minar -n 'not __fish_seen_subcommand_from init serve doctor backup restore keys demo verify bench letterkey completion help version act action calendar confirmation contact delegation event factor feed file finding glass group indicator job key leave ledger letter notice org passkey reach realm search status task user view' -a group
complete -c minar -n "__fish_seen_subcommand_from group; and not __fish_seen_subcommand_from add ls preview set show" -a add -d 'Makes a sharing group.'
complete -c minar -n "__fish_seen_subcommand_from group; and __fish_seen_subcommand_from add" -l name-en -x
complete -c minar -n "__fish_seen_subcommand_from group; and __fish_seen_subcommand_from add" -l name-ur -x
complete -c minar -n "__fish_seen_subcommand_from group; and __fish_seen_subcommand_from add" -l kind -x -a 'sector case community'
complete -c minar -n "__fish_seen_subcommand_from group; and __fish_seen_subcommand_from add" -l members -x
complete -c minar -n "__fish_seen_subcommand_from group; and not __fish_seen_subcommand_from add ls preview set show" -a ls -d 'Sharing groups that the own organisation is in or keeps.'
complete -c minar -n "__fish_seen_subcommand_from group; and __fish_seen_subcommand_from ls" -l single
complete -c minar -n "__fish_seen_subcommand_from group; and __fish_seen_subcommand_from ls" -l cursor -x
complete -c minar -n "__fish_seen_subcommand_from group; and __fish_seen_subcommand_from ls" -l limit -x
complete -c minar -n "__fish_seen_subcommand_from group; and not __fish_seen_subcommand_from add ls preview set show" -a preview -d 'What members that come and go would gain and lose.'
complete -c minar -n "__fish_seen_subcommand_from group; and __fish_seen_subcommand_from preview" -l add -x
complete -c minar -n "__fish_seen_subcommand_from group; and __fish_seen_subcommand_from preview" -l remove -x
complete -c minar -n "__fish_seen_subcommand_from group; and not __fish_seen_subcommand_from add ls preview set show" -a set -d 'Renames a sharing group, lets members in and out.'
complete -c minar -n "__fish_seen_subcommand_from group; and __fish_seen_subcommand_from set" -l name-en -x
complete -c minar -n "__fish_seen_subcommand_from group; and __fish_seen_subcommand_from set" -l name-ur -x
complete -c minar -n "__fish_seen_subcommand_from group; and __fish_seen_subcommand_from set" -l add -x
complete -c minar -n "__fish_seen_subcommand_from group; and __fish_seen_subcommand_from set" -l remove -x
complete -c minar -n "__fish_seen_subcommand_from group; and not __fish_seen_subcommand_from add ls preview set show" -a show -d 'One sharing group with its members.'
complete -c minar -n 'not __fish_seen_subcommand_from init serve doctor backup restore keys demo verify bench letterkey completion help version act action calendar confirmation contact delegation event factor feed file finding glass group indicator job key leave ledger letter notice org passkey reach realm search status task user view' -a indicator
complete -c minar -n "__fish_seen_subcommand_from indicator; and not __fish_seen_subcommand_from add import ls reach share share-preview versions" -a add -d 'Enters one indicator; defanged text is accepted'
complete -c minar -n "__fish_seen_subcommand_from indicator; and __fish_seen_subcommand_from add" -l value -x
complete -c minar -n "__fish_seen_subcommand_from indicator; and __fish_seen_subcommand_from add" -l why -x
complete -c minar -n "__fish_seen_subcommand_from indicator; and __fish_seen_subcommand_from add" -l source -x
complete -c minar -n "__fish_seen_subcommand_from indicator; and __fish_seen_subcommand_from add" -l confidence -x
complete -c minar -n "__fish_seen_subcommand_from indicator; and __fish_seen_subcommand_from add" -l days -x
complete -c minar -n "__fish_seen_subcommand_from indicator; and __fish_seen_subcommand_from add" -l tlp -x
complete -c minar -n "__fish_seen_subcommand_from indicator; and not __fish_seen_subcommand_from add import ls reach share share-preview versions" -a import -d 'Indicators from a list or CSV file'
complete -c minar -n "__fish_seen_subcommand_from indicator; and __fish_seen_subcommand_from import" -l name -x
complete -c minar -n "__fish_seen_subcommand_from indicator; and __fish_seen_subcommand_from import" -l dry-run
complete -c minar -n "__fish_seen_subcommand_from indicator; and __fish_seen_subcommand_from import" -l map -x
complete -c minar -n "__fish_seen_subcommand_from indicator; and __fish_seen_subcommand_from import" -l tlp -x
complete -c minar -n "__fish_seen_subcommand_from indicator; and __fish_seen_subcommand_from import" -l source -x
complete -c minar -n "__fish_seen_subcommand_from indicator; and not __fish_seen_subcommand_from add import ls reach share share-preview versions" -a ls -d 'Indicators, newest first'
complete -c minar -n "__fish_seen_subcommand_from indicator; and __fish_seen_subcommand_from ls" -l q -x
complete -c minar -n "__fish_seen_subcommand_from indicator; and __fish_seen_subcommand_from ls" -l cursor -x
complete -c minar -n "__fish_seen_subcommand_from indicator; and __fish_seen_subcommand_from ls" -l limit -x
complete -c minar -n "__fish_seen_subcommand_from indicator; and not __fish_seen_subcommand_from add import ls reach share share-preview versions" -a reach -d 'Who may see an indicator now, and why.'
complete -c minar -n "__fish_seen_subcommand_from indicator; and __fish_seen_subcommand_from reach" -l org -x
complete -c minar -n "__fish_seen_subcommand_from indicator; and __fish_seen_subcommand_from reach" -l cursor -x
complete -c minar -n "__fish_seen_subcommand_from indicator; and __fish_seen_subcommand_from reach" -l limit -x
complete -c minar -n "__fish_seen_subcommand_from indicator; and not __fish_seen_subcommand_from add import ls reach share share-preview versions" -a share -d 'Gives an indicator another label or audience.'
complete -c minar -n "__fish_seen_subcommand_from indicator; and __fish_seen_subcommand_from share" -l tlp -x
complete -c minar -n "__fish_seen_subcommand_from indicator; and __fish_seen_subcommand_from share" -l group -x
complete -c minar -n "__fish_seen_subcommand_from indicator; and __fish_seen_subcommand_from share" -l people -x
complete -c minar -n "__fish_seen_subcommand_from indicator; and not __fish_seen_subcommand_from add import ls reach share share-preview versions" -a share-preview -d 'Who would gain and lose sight of an indicator by another label or audience.'
complete -c minar -n "__fish_seen_subcommand_from indicator; and __fish_seen_subcommand_from share-preview" -l tlp -x
complete -c minar -n "__fish_seen_subcommand_from indicator; and __fish_seen_subcommand_from share-preview" -l group -x
complete -c minar -n "__fish_seen_subcommand_from indicator; and __fish_seen_subcommand_from share-preview" -l people -x
complete -c minar -n "__fish_seen_subcommand_from indicator; and __fish_seen_subcommand_from share-preview" -l cursor -x
complete -c minar -n "__fish_seen_subcommand_from indicator; and __fish_seen_subcommand_from share-preview" -l limit -x
complete -c minar -n "__fish_seen_subcommand_from indicator; and not __fish_seen_subcommand_from add import ls reach share share-preview versions" -a versions -d 'What an indicator was before'
complete -c minar -n "__fish_seen_subcommand_from indicator; and __fish_seen_subcommand_from versions" -l as-of -x
complete -c minar -n "__fish_seen_subcommand_from indicator; and __fish_seen_subcommand_from versions" -l cursor -x
complete -c minar -n "__fish_seen_subcommand_from indicator; and __fish_seen_subcommand_from versions" -l limit -x
complete -c minar -n 'not __fish_seen_subcommand_from init serve doctor backup restore keys demo verify bench letterkey completion help version act action calendar confirmation contact delegation event factor feed file finding glass group indicator job key leave ledger letter notice org passkey reach realm search status task user view' -a job
complete -c minar -n "__fish_seen_subcommand_from job; and not __fish_seen_subcommand_from ls show stop undo" -a ls -d 'Shows long works and how far they are'
complete -c minar -n "__fish_seen_subcommand_from job; and __fish_seen_subcommand_from ls" -l state -x -a 'running done failed stopped'
complete -c minar -n "__fish_seen_subcommand_from job; and not __fish_seen_subcommand_from ls show stop undo" -a show -d 'Shows one long work: how far it is, what came of it'
complete -c minar -n "__fish_seen_subcommand_from job; and not __fish_seen_subcommand_from ls show stop undo" -a stop -d 'Stops a long work; what was done stays done'
complete -c minar -n "__fish_seen_subcommand_from job; and not __fish_seen_subcommand_from ls show stop undo" -a undo -d 'Undoes answers to many findings within thirty seconds'
complete -c minar -n 'not __fish_seen_subcommand_from init serve doctor backup restore keys demo verify bench letterkey completion help version act action calendar confirmation contact delegation event factor feed file finding glass group indicator job key leave ledger letter notice org passkey reach realm search status task user view' -a key
complete -c minar -n "__fish_seen_subcommand_from key; and not __fish_seen_subcommand_from add ls preview renew rm" -a add -d 'Makes a key; its secret is shown once'
complete -c minar -n "__fish_seen_subcommand_from key; and __fish_seen_subcommand_from add" -l name -x
complete -c minar -n "__fish_seen_subcommand_from key; and __fish_seen_subcommand_from add" -l access -x -a 'read write'
complete -c minar -n "__fish_seen_subcommand_from key; and __fish_seen_subcommand_from add" -l days -x
complete -c minar -n "__fish_seen_subcommand_from key; and __fish_seen_subcommand_from add" -l scope -x
complete -c minar -n "__fish_seen_subcommand_from key; and __fish_seen_subcommand_from add" -l certificate -x
complete -c minar -n "__fish_seen_subcommand_from key; and __fish_seen_subcommand_from add" -l binds -x -a 'certificate public_key'
complete -c minar -n "__fish_seen_subcommand_from key; and __fish_seen_subcommand_from add" -l person -x
complete -c minar -n "__fish_seen_subcommand_from key; and not __fish_seen_subcommand_from add ls preview renew rm" -a ls -d 'Your keys'
complete -c minar -n "__fish_seen_subcommand_from key; and __fish_seen_subcommand_from ls" -l person -x
complete -c minar -n "__fish_seen_subcommand_from key; and not __fish_seen_subcommand_from add ls preview renew rm" -a preview -d 'What a key, limited so, could do.'
complete -c minar -n "__fish_seen_subcommand_from key; and __fish_seen_subcommand_from preview" -l access -x -a 'read write'
complete -c minar -n "__fish_seen_subcommand_from key; and __fish_seen_subcommand_from preview" -l scope -x
complete -c minar -n "__fish_seen_subcommand_from key; and not __fish_seen_subcommand_from add ls preview renew rm" -a renew -d 'A fresh secret for a key; the earlier one is good for a day more'
complete -c minar -n "__fish_seen_subcommand_from key; and not __fish_seen_subcommand_from add ls preview renew rm" -a rm -d 'Revokes a key at once'
complete -c minar -n 'not __fish_seen_subcommand_from init serve doctor backup restore keys demo verify bench letterkey completion help version act action calendar confirmation contact delegation event factor feed file finding glass group indicator job key leave ledger letter notice org passkey reach realm search status task user view' -a leave
complete -c minar -n "__fish_seen_subcommand_from leave; and not __fish_seen_subcommand_from add end gaps ls" -a add -d 'Says that I am away, and who stands in'
complete -c minar -n "__fish_seen_subcommand_from leave; and __fish_seen_subcommand_from add" -l person -x
complete -c minar -n "__fish_seen_subcommand_from leave; and __fish_seen_subcommand_from add" -l deputy -x
complete -c minar -n "__fish_seen_subcommand_from leave; and __fish_seen_subcommand_from add" -l from -x
complete -c minar -n "__fish_seen_subcommand_from leave; and __fish_seen_subcommand_from add" -l until -x
complete -c minar -n "__fish_seen_subcommand_from leave; and not __fish_seen_subcommand_from add end gaps ls" -a end -d 'Ends a leave at once, or takes back one to come'
complete -c minar -n "__fish_seen_subcommand_from leave; and not __fish_seen_subcommand_from add end gaps ls" -a gaps -d 'Organisations for which nobody acts'
complete -c minar -n "__fish_seen_subcommand_from leave; and not __fish_seen_subcommand_from add end gaps ls" -a ls -d 'Who is away, and who stands in'
complete -c minar -n "__fish_seen_subcommand_from leave; and __fish_seen_subcommand_from ls" -l cursor -x
complete -c minar -n "__fish_seen_subcommand_from leave; and __fish_seen_subcommand_from ls" -l limit -x
complete -c minar -n 'not __fish_seen_subcommand_from init serve doctor backup restore keys demo verify bench letterkey completion help version act action calendar confirmation contact delegation event factor feed file finding glass group indicator job key leave ledger letter notice org passkey reach realm search status task user view' -a ledger
complete -c minar -n "__fish_seen_subcommand_from ledger; and not __fish_seen_subcommand_from checkpoint growth ls proof reads witness" -a checkpoint -d 'What outsiders get of this ledger: the last checkpoint and its state.'
complete -c minar -n "__fish_seen_subcommand_from ledger; and not __fish_seen_subcommand_from checkpoint growth ls proof reads witness" -a growth -d 'A proof that the ledger grew out of an earlier size.'
complete -c minar -n "__fish_seen_subcommand_from ledger; and __fish_seen_subcommand_from growth" -l from -x
complete -c minar -n "__fish_seen_subcommand_from ledger; and not __fish_seen_subcommand_from checkpoint growth ls proof reads witness" -a ls -d 'What happened, newest first'
complete -c minar -n "__fish_seen_subcommand_from ledger; and __fish_seen_subcommand_from ls" -l cursor -x
complete -c minar -n "__fish_seen_subcommand_from ledger; and __fish_seen_subcommand_from ls" -l limit -x
complete -c minar -n "__fish_seen_subcommand_from ledger; and not __fish_seen_subcommand_from checkpoint growth ls proof reads witness" -a proof -d 'A proof that an entry is in the published ledger.'
complete -c minar -n "__fish_seen_subcommand_from ledger; and not __fish_seen_subcommand_from checkpoint growth ls proof reads witness" -a reads -d 'Days of noted reads, and the hash over each that the ledger holds.'
complete -c minar -n "__fish_seen_subcommand_from ledger; and __fish_seen_subcommand_from reads" -l cursor -x
complete -c minar -n "__fish_seen_subcommand_from ledger; and __fish_seen_subcommand_from reads" -l limit -x
complete -c minar -n "__fish_seen_subcommand_from ledger; and not __fish_seen_subcommand_from checkpoint growth ls proof reads witness" -a witness -d 'The outside witnesses and how each answered last.'
complete -c minar -n 'not __fish_seen_subcommand_from init serve doctor backup restore keys demo verify bench letterkey completion help version act action calendar confirmation contact delegation event factor feed file finding glass group indicator job key leave ledger letter notice org passkey reach realm search status task user view' -a letter
complete -c minar -n "__fish_seen_subcommand_from letter; and not __fish_seen_subcommand_from get set" -a get -d 'A letter as it was issued, as PDF'
complete -c minar -n "__fish_seen_subcommand_from letter; and not __fish_seen_subcommand_from get set" -a set -d 'What became of a letter: printed, handed, returned, withdrawn'
complete -c minar -n "__fish_seen_subcommand_from letter; and __fish_seen_subcommand_from set" -l state -x -a 'printed handed returned withdrawn'
complete -c minar -n "__fish_seen_subcommand_from letter; and __fish_seen_subcommand_from set" -l at -x
complete -c minar -n 'not __fish_seen_subcommand_from init serve doctor backup restore keys demo verify bench letterkey completion help version act action calendar confirmation contact delegation event factor feed file finding glass group indicator job key leave ledger letter notice org passkey reach realm search status task user view' -a notice
complete -c minar -n "__fish_seen_subcommand_from notice; and not __fish_seen_subcommand_from ack ack-many ack-preview letter ls reach saw share share-preview show undo undo-many undo-preview versions" -a ack -d 'Acknowledges a notice'
complete -c minar -n "__fish_seen_subcommand_from notice; and __fish_seen_subcommand_from ack" -l for-person -x
complete -c minar -n "__fish_seen_subcommand_from notice; and not __fish_seen_subcommand_from ack ack-many ack-preview letter ls reach saw share share-preview show undo undo-many undo-preview versions" -a ack-many -d 'Acknowledges many notices: --ids, or --all with a filter'
complete -c minar -n "__fish_seen_subcommand_from notice; and __fish_seen_subcommand_from ack-many" -l ids -x
complete -c minar -n "__fish_seen_subcommand_from notice; and __fish_seen_subcommand_from ack-many" -l all
complete -c minar -n "__fish_seen_subcommand_from notice; and __fish_seen_subcommand_from ack-many" -l total -x
complete -c minar -n "__fish_seen_subcommand_from notice; and __fish_seen_subcommand_from ack-many" -l state -x
complete -c minar -n "__fish_seen_subcommand_from notice; and __fish_seen_subcommand_from ack-many" -l org -x
complete -c minar -n "__fish_seen_subcommand_from notice; and __fish_seen_subcommand_from ack-many" -l for-person -x
complete -c minar -n "__fish_seen_subcommand_from notice; and not __fish_seen_subcommand_from ack ack-many ack-preview letter ls reach saw share share-preview show undo undo-many undo-preview versions" -a ack-preview -d 'Shows what acknowledging many notices would do'
complete -c minar -n "__fish_seen_subcommand_from notice; and __fish_seen_subcommand_from ack-preview" -l ids -x
complete -c minar -n "__fish_seen_subcommand_from notice; and __fish_seen_subcommand_from ack-preview" -l all
complete -c minar -n "__fish_seen_subcommand_from notice; and __fish_seen_subcommand_from ack-preview" -l total -x
complete -c minar -n "__fish_seen_subcommand_from notice; and __fish_seen_subcommand_from ack-preview" -l state -x
complete -c minar -n "__fish_seen_subcommand_from notice; and __fish_seen_subcommand_from ack-preview" -l org -x
complete -c minar -n "__fish_seen_subcommand_from notice; and __fish_seen_subcommand_from ack-preview" -l for-person -x
complete -c minar -n "__fish_seen_subcommand_from notice; and not __fish_seen_subcommand_from ack ack-many ack-preview letter ls reach saw share share-preview show undo undo-many undo-preview versions" -a letter -d 'Puts a notice on paper: a numbered, signed letter in both languages'
complete -c minar -n "__fish_seen_subcommand_from notice; and not __fish_seen_subcommand_from ack ack-many ack-preview letter ls reach saw share share-preview show undo undo-many undo-preview versions" -a ls -d 'Notices, newest first'
complete -c minar -n "__fish_seen_subcommand_from notice; and __fish_seen_subcommand_from ls" -l state -x
complete -c minar -n "__fish_seen_subcommand_from notice; and __fish_seen_subcommand_from ls" -l org -x
complete -c minar -n "__fish_seen_subcommand_from notice; and __fish_seen_subcommand_from ls" -l cursor -x
complete -c minar -n "__fish_seen_subcommand_from notice; and __fish_seen_subcommand_from ls" -l limit -x
complete -c minar -n "__fish_seen_subcommand_from notice; and not __fish_seen_subcommand_from ack ack-many ack-preview letter ls reach saw share share-preview show undo undo-many undo-preview versions" -a reach -d 'Who may see a notice now, and why.'
complete -c minar -n "__fish_seen_subcommand_from notice; and __fish_seen_subcommand_from reach" -l org -x
complete -c minar -n "__fish_seen_subcommand_from notice; and __fish_seen_subcommand_from reach" -l cursor -x
complete -c minar -n "__fish_seen_subcommand_from notice; and __fish_seen_subcommand_from reach" -l limit -x
complete -c minar -n "__fish_seen_subcommand_from notice; and not __fish_seen_subcommand_from ack ack-many ack-preview letter ls reach saw share share-preview show undo undo-many undo-preview versions" -a saw -d 'Who saw a notice; for its owner'\''s people.'
complete -c minar -n "__fish_seen_subcommand_from notice; and not __fish_seen_subcommand_from ack ack-many ack-preview letter ls reach saw share share-preview show undo undo-many undo-preview versions" -a share -d 'Gives a notice another label or audience.'
complete -c minar -n "__fish_seen_subcommand_from notice; and __fish_seen_subcommand_from share" -l tlp -x
complete -c minar -n "__fish_seen_subcommand_from notice; and __fish_seen_subcommand_from share" -l group -x
complete -c minar -n "__fish_seen_subcommand_from notice; and __fish_seen_subcommand_from share" -l people -x
complete -c minar -n "__fish_seen_subcommand_from notice; and not __fish_seen_subcommand_from ack ack-many ack-preview letter ls reach saw share share-preview show undo undo-many undo-preview versions" -a share-preview -d 'Who would gain and lose sight of a notice by another label or audience.'
complete -c minar -n "__fish_seen_subcommand_from notice; and __fish_seen_subcommand_from share-preview" -l tlp -x
complete -c minar -n "__fish_seen_subcommand_from notice; and __fish_seen_subcommand_from share-preview" -l group -x
complete -c minar -n "__fish_seen_subcommand_from notice; and __fish_seen_subcommand_from share-preview" -l people -x
complete -c minar -n "__fish_seen_subcommand_from notice; and __fish_seen_subcommand_from share-preview" -l cursor -x
complete -c minar -n "__fish_seen_subcommand_from notice; and __fish_seen_subcommand_from share-preview" -l limit -x
complete -c minar -n "__fish_seen_subcommand_from notice; and not __fish_seen_subcommand_from ack ack-many ack-preview letter ls reach saw share share-preview show undo undo-many undo-preview versions" -a show -d 'One notice with its deliveries'
complete -c minar -n "__fish_seen_subcommand_from notice; and not __fish_seen_subcommand_from ack ack-many ack-preview letter ls reach saw share share-preview show undo undo-many undo-preview versions" -a undo -d 'Takes back a notice that is still held'
complete -c minar -n "__fish_seen_subcommand_from notice; and not __fish_seen_subcommand_from ack ack-many ack-preview letter ls reach saw share share-preview show undo undo-many undo-preview versions" -a undo-many -d 'Takes back many held notices: --ids, or --all with a filter'
complete -c minar -n "__fish_seen_subcommand_from notice; and __fish_seen_subcommand_from undo-many" -l ids -x
complete -c minar -n "__fish_seen_subcommand_from notice; and __fish_seen_subcommand_from undo-many" -l all
complete -c minar -n "__fish_seen_subcommand_from notice; and __fish_seen_subcommand_from undo-many" -l total -x
complete -c minar -n "__fish_seen_subcommand_from notice; and __fish_seen_subcommand_from undo-many" -l state -x
complete -c minar -n "__fish_seen_subcommand_from notice; and __fish_seen_subcommand_from undo-many" -l org -x
complete -c minar -n "__fish_seen_subcommand_from notice; and not __fish_seen_subcommand_from ack ack-many ack-preview letter ls reach saw share share-preview show undo undo-many undo-preview versions" -a undo-preview -d 'Shows what taking back many notices would do'
complete -c minar -n "__fish_seen_subcommand_from notice; and __fish_seen_subcommand_from undo-preview" -l ids -x
complete -c minar -n "__fish_seen_subcommand_from notice; and __fish_seen_subcommand_from undo-preview" -l all
complete -c minar -n "__fish_seen_subcommand_from notice; and __fish_seen_subcommand_from undo-preview" -l total -x
complete -c minar -n "__fish_seen_subcommand_from notice; and __fish_seen_subcommand_from undo-preview" -l state -x
complete -c minar -n "__fish_seen_subcommand_from notice; and __fish_seen_subcommand_from undo-preview" -l org -x
complete -c minar -n "__fish_seen_subcommand_from notice; and not __fish_seen_subcommand_from ack ack-many ack-preview letter ls reach saw share share-preview show undo undo-many undo-preview versions" -a versions -d 'What a notice was before'
complete -c minar -n "__fish_seen_subcommand_from notice; and __fish_seen_subcommand_from versions" -l as-of -x
complete -c minar -n "__fish_seen_subcommand_from notice; and __fish_seen_subcommand_from versions" -l cursor -x
complete -c minar -n "__fish_seen_subcommand_from notice; and __fish_seen_subcommand_from versions" -l limit -x
complete -c minar -n 'not __fish_seen_subcommand_from init serve doctor backup restore keys demo verify bench letterkey completion help version act action calendar confirmation contact delegation event factor feed file finding glass group indicator job key leave ledger letter notice org passkey reach realm search status task user view' -a org
complete -c minar -n "__fish_seen_subcommand_from org; and not __fish_seen_subcommand_from add import ls net-add net-rm nets set show versions" -a add -d 'Adds an organisation'
complete -c minar -n "__fish_seen_subcommand_from org; and __fish_seen_subcommand_from add" -l key -x
complete -c minar -n "__fish_seen_subcommand_from org; and __fish_seen_subcommand_from add" -l name-en -x
complete -c minar -n "__fish_seen_subcommand_from org; and __fish_seen_subcommand_from add" -l name-ur -x
complete -c minar -n "__fish_seen_subcommand_from org; and __fish_seen_subcommand_from add" -l kind -x -a 'ministry authority provincial bank telecom health energy transport education media sector_cert national_cert other'
complete -c minar -n "__fish_seen_subcommand_from org; and __fish_seen_subcommand_from add" -l sector -x -a 'government finance telecom health energy transport education media other'
complete -c minar -n "__fish_seen_subcommand_from org; and __fish_seen_subcommand_from add" -l province -x
complete -c minar -n "__fish_seen_subcommand_from org; and __fish_seen_subcommand_from add" -l lang -x -a 'en ur'
complete -c minar -n "__fish_seen_subcommand_from org; and __fish_seen_subcommand_from add" -l community
complete -c minar -n "__fish_seen_subcommand_from org; and __fish_seen_subcommand_from add" -l by-letter
complete -c minar -n "__fish_seen_subcommand_from org; and __fish_seen_subcommand_from add" -l provider-key -x
complete -c minar -n "__fish_seen_subcommand_from org; and not __fish_seen_subcommand_from add import ls net-add net-rm nets set show versions" -a import -d 'Constituents from a CSV file; --dry-run shows a preview'
complete -c minar -n "__fish_seen_subcommand_from org; and __fish_seen_subcommand_from import" -l name -x
complete -c minar -n "__fish_seen_subcommand_from org; and __fish_seen_subcommand_from import" -l dry-run
complete -c minar -n "__fish_seen_subcommand_from org; and __fish_seen_subcommand_from import" -l map -x
complete -c minar -n "__fish_seen_subcommand_from org; and __fish_seen_subcommand_from import" -l tlp -x
complete -c minar -n "__fish_seen_subcommand_from org; and __fish_seen_subcommand_from import" -l source -x
complete -c minar -n "__fish_seen_subcommand_from org; and not __fish_seen_subcommand_from add import ls net-add net-rm nets set show versions" -a ls -d 'Organisations you may see, by name'
complete -c minar -n "__fish_seen_subcommand_from org; and __fish_seen_subcommand_from ls" -l q -x
complete -c minar -n "__fish_seen_subcommand_from org; and __fish_seen_subcommand_from ls" -l sector -x
complete -c minar -n "__fish_seen_subcommand_from org; and __fish_seen_subcommand_from ls" -l figures
complete -c minar -n "__fish_seen_subcommand_from org; and __fish_seen_subcommand_from ls" -l cursor -x
complete -c minar -n "__fish_seen_subcommand_from org; and __fish_seen_subcommand_from ls" -l limit -x
complete -c minar -n "__fish_seen_subcommand_from org; and not __fish_seen_subcommand_from add import ls net-add net-rm nets set show versions" -a net-add -d 'Adds a network, AS number or domain'
complete -c minar -n "__fish_seen_subcommand_from org; and __fish_seen_subcommand_from net-add" -l value -x
complete -c minar -n "__fish_seen_subcommand_from org; and __fish_seen_subcommand_from net-add" -l valid-from -x
complete -c minar -n "__fish_seen_subcommand_from org; and __fish_seen_subcommand_from net-add" -l valid-to -x
complete -c minar -n "__fish_seen_subcommand_from org; and not __fish_seen_subcommand_from add import ls net-add net-rm nets set show versions" -a net-rm -d 'Withdraws a network from now on'
complete -c minar -n "__fish_seen_subcommand_from org; and not __fish_seen_subcommand_from add import ls net-add net-rm nets set show versions" -a nets -d 'Its networks, AS numbers and domains'
complete -c minar -n "__fish_seen_subcommand_from org; and not __fish_seen_subcommand_from add import ls net-add net-rm nets set show versions" -a set -d 'Changes an organisation'
complete -c minar -n "__fish_seen_subcommand_from org; and __fish_seen_subcommand_from set" -l name-en -x
complete -c minar -n "__fish_seen_subcommand_from org; and __fish_seen_subcommand_from set" -l name-ur -x
complete -c minar -n "__fish_seen_subcommand_from org; and __fish_seen_subcommand_from set" -l sector -x -a 'government finance telecom health energy transport education media other'
complete -c minar -n "__fish_seen_subcommand_from org; and __fish_seen_subcommand_from set" -l province -x
complete -c minar -n "__fish_seen_subcommand_from org; and __fish_seen_subcommand_from set" -l lang -x -a 'en ur'
complete -c minar -n "__fish_seen_subcommand_from org; and __fish_seen_subcommand_from set" -l community
complete -c minar -n "__fish_seen_subcommand_from org; and __fish_seen_subcommand_from set" -l by-letter
complete -c minar -n "__fish_seen_subcommand_from org; and __fish_seen_subcommand_from set" -l state -x -a 'active closed'
complete -c minar -n "__fish_seen_subcommand_from org; and not __fish_seen_subcommand_from add import ls net-add net-rm nets set show versions" -a show -d 'One organisation'
complete -c minar -n "__fish_seen_subcommand_from org; and __fish_seen_subcommand_from show" -l figures
complete -c minar -n "__fish_seen_subcommand_from org; and not __fish_seen_subcommand_from add import ls net-add net-rm nets set show versions" -a versions -d 'What an organisation was before'
complete -c minar -n "__fish_seen_subcommand_from org; and __fish_seen_subcommand_from versions" -l as-of -x
complete -c minar -n "__fish_seen_subcommand_from org; and __fish_seen_subcommand_from versions" -l cursor -x
complete -c minar -n "__fish_seen_subcommand_from org; and __fish_seen_subcommand_from versions" -l limit -x
complete -c minar -n 'not __fish_seen_subcommand_from init serve doctor backup restore keys demo verify bench letterkey completion help version act action calendar confirmation contact delegation event factor feed file finding glass group indicator job key leave ledger letter notice org passkey reach realm search status task user view' -a passkey
complete -c minar -n "__fish_seen_subcommand_from passkey; and not __fish_seen_subcommand_from ls rm" -a ls -d 'Your passkeys'
complete -c minar -n "__fish_seen_subcommand_from passkey; and not __fish_seen_subcommand_from ls rm" -a rm -d 'Ends a passkey of yours'
complete -c minar -n 'not __fish_seen_subcommand_from init serve doctor backup restore keys demo verify bench letterkey completion help version act action calendar confirmation contact delegation event factor feed file finding glass group indicator job key leave ledger letter notice org passkey reach realm search status task user view' -a reach
complete -c minar -n "__fish_seen_subcommand_from reach; and not __fish_seen_subcommand_from show" -a show -d 'Who may see a thing of any other kind now, and why.'
complete -c minar -n "__fish_seen_subcommand_from reach; and __fish_seen_subcommand_from show" -l kind -x -a 'organisation network person sharing_group feed import_run delivery attachment'
complete -c minar -n "__fish_seen_subcommand_from reach; and __fish_seen_subcommand_from show" -l org -x
complete -c minar -n "__fish_seen_subcommand_from reach; and __fish_seen_subcommand_from show" -l cursor -x
complete -c minar -n "__fish_seen_subcommand_from reach; and __fish_seen_subcommand_from show" -l limit -x
complete -c minar -n 'not __fish_seen_subcommand_from init serve doctor backup restore keys demo verify bench letterkey completion help version act action calendar confirmation contact delegation event factor feed file finding glass group indicator job key leave ledger letter notice org passkey reach realm search status task user view' -a realm
complete -c minar -n "__fish_seen_subcommand_from realm; and not __fish_seen_subcommand_from add ls rm" -a add -d 'Makes a demonstration realm'
complete -c minar -n "__fish_seen_subcommand_from realm; and __fish_seen_subcommand_from add" -l name -x
complete -c minar -n "__fish_seen_subcommand_from realm; and __fish_seen_subcommand_from add" -l kind -x -a 'demo'
complete -c minar -n "__fish_seen_subcommand_from realm; and __fish_seen_subcommand_from add" -l now -x
complete -c minar -n "__fish_seen_subcommand_from realm; and not __fish_seen_subcommand_from add ls rm" -a ls -d 'Realms of this site'
complete -c minar -n "__fish_seen_subcommand_from realm; and not __fish_seen_subcommand_from add ls rm" -a rm -d 'Removes a realm wholly'
complete -c minar -n 'not __fish_seen_subcommand_from init serve doctor backup restore keys demo verify bench letterkey completion help version act action calendar confirmation contact delegation event factor feed file finding glass group indicator job key leave ledger letter notice org passkey reach realm search status task user view' -a search
complete -c minar -n "__fish_seen_subcommand_from search; and not __fish_seen_subcommand_from for" -a for -d 'What has these words, in either script: of all kinds, or a page of one'
complete -c minar -n "__fish_seen_subcommand_from search; and __fish_seen_subcommand_from for" -l q -x
complete -c minar -n "__fish_seen_subcommand_from search; and __fish_seen_subcommand_from for" -l kind -x -a 'organisation person notice finding action indicator sharing_group attachment'
complete -c minar -n "__fish_seen_subcommand_from search; and __fish_seen_subcommand_from for" -l typing
complete -c minar -n "__fish_seen_subcommand_from search; and __fish_seen_subcommand_from for" -l counts
complete -c minar -n "__fish_seen_subcommand_from search; and __fish_seen_subcommand_from for" -l cursor -x
complete -c minar -n "__fish_seen_subcommand_from search; and __fish_seen_subcommand_from for" -l limit -x
complete -c minar -n 'not __fish_seen_subcommand_from init serve doctor backup restore keys demo verify bench letterkey completion help version act action calendar confirmation contact delegation event factor feed file finding glass group indicator job key leave ledger letter notice org passkey reach realm search status task user view' -a status
complete -c minar -n "__fish_seen_subcommand_from status; and not __fish_seen_subcommand_from show" -a show -d 'Is everything alive?'
complete -c minar -n 'not __fish_seen_subcommand_from init serve doctor backup restore keys demo verify bench letterkey completion help version act action calendar confirmation contact delegation event factor feed file finding glass group indicator job key leave ledger letter notice org passkey reach realm search status task user view' -a task
complete -c minar -n "__fish_seen_subcommand_from task; and not __fish_seen_subcommand_from done ls" -a done -d 'Says that we know'
complete -c minar -n "__fish_seen_subcommand_from task; and not __fish_seen_subcommand_from done ls" -a ls -d 'What my organisation must know of'
complete -c minar -n 'not __fish_seen_subcommand_from init serve doctor backup restore keys demo verify bench letterkey completion help version act action calendar confirmation contact delegation event factor feed file finding glass group indicator job key leave ledger letter notice org passkey reach realm search status task user view' -a user
complete -c minar -n "__fish_seen_subcommand_from user; and not __fish_seen_subcommand_from add factor-rm invite ls preview rights set" -a add -d 'Adds a person and makes an invitation'
complete -c minar -n "__fish_seen_subcommand_from user; and __fish_seen_subcommand_from add" -l name -x
complete -c minar -n "__fish_seen_subcommand_from user; and __fish_seen_subcommand_from add" -l mail -x
complete -c minar -n "__fish_seen_subcommand_from user; and __fish_seen_subcommand_from add" -l phone -x
complete -c minar -n "__fish_seen_subcommand_from user; and __fish_seen_subcommand_from add" -l lang -x -a 'en ur'
complete -c minar -n "__fish_seen_subcommand_from user; and __fish_seen_subcommand_from add" -l org -x
complete -c minar -n "__fish_seen_subcommand_from user; and __fish_seen_subcommand_from add" -l roles -x
complete -c minar -n "__fish_seen_subcommand_from user; and __fish_seen_subcommand_from add" -l roles-until -x
complete -c minar -n "__fish_seen_subcommand_from user; and __fish_seen_subcommand_from add" -l contact-role -x -a 'focal technical management none'
complete -c minar -n "__fish_seen_subcommand_from user; and __fish_seen_subcommand_from add" -l invite
complete -c minar -n "__fish_seen_subcommand_from user; and not __fish_seen_subcommand_from add factor-rm invite ls preview rights set" -a factor-rm -d 'Ends the authenticator of a person who lost it; a second person must agree'
complete -c minar -n "__fish_seen_subcommand_from user; and not __fish_seen_subcommand_from add factor-rm invite ls preview rights set" -a invite -d 'A fresh invitation link'
complete -c minar -n "__fish_seen_subcommand_from user; and not __fish_seen_subcommand_from add factor-rm invite ls preview rights set" -a ls -d 'People you may see'
complete -c minar -n "__fish_seen_subcommand_from user; and __fish_seen_subcommand_from ls" -l org -x
complete -c minar -n "__fish_seen_subcommand_from user; and __fish_seen_subcommand_from ls" -l cursor -x
complete -c minar -n "__fish_seen_subcommand_from user; and __fish_seen_subcommand_from ls" -l limit -x
complete -c minar -n "__fish_seen_subcommand_from user; and not __fish_seen_subcommand_from add factor-rm invite ls preview rights set" -a preview -d 'What a person would gain and lose by other roles.'
complete -c minar -n "__fish_seen_subcommand_from user; and __fish_seen_subcommand_from preview" -l roles -x
complete -c minar -n "__fish_seen_subcommand_from user; and not __fish_seen_subcommand_from add factor-rm invite ls preview rights set" -a rights -d 'What I may do, by which role, and who can change it.'
complete -c minar -n "__fish_seen_subcommand_from user; and not __fish_seen_subcommand_from add factor-rm invite ls preview rights set" -a set -d 'Changes roles, language or state'
complete -c minar -n "__fish_seen_subcommand_from user; and __fish_seen_subcommand_from set" -l lang -x -a 'en ur'
complete -c minar -n "__fish_seen_subcommand_from user; and __fish_seen_subcommand_from set" -l phone -x
complete -c minar -n "__fish_seen_subcommand_from user; and __fish_seen_subcommand_from set" -l roles-until -x
complete -c minar -n "__fish_seen_subcommand_from user; and __fish_seen_subcommand_from set" -l contact-role -x -a 'focal technical management none'
complete -c minar -n "__fish_seen_subcommand_from user; and __fish_seen_subcommand_from set" -l roles -x
complete -c minar -n "__fish_seen_subcommand_from user; and __fish_seen_subcommand_from set" -l state -x -a 'active disabled'
complete -c minar -n 'not __fish_seen_subcommand_from init serve doctor backup restore keys demo verify bench letterkey completion help version act action calendar confirmation contact delegation event factor feed file finding glass group indicator job key leave ledger letter notice org passkey reach realm search status task user view' -a view
complete -c minar -n "__fish_seen_subcommand_from view; and not __fish_seen_subcommand_from add ls rm set share" -a add -d 'Keep a screen with its filter under a name'
complete -c minar -n "__fish_seen_subcommand_from view; and __fish_seen_subcommand_from add" -l name-en -x
complete -c minar -n "__fish_seen_subcommand_from view; and __fish_seen_subcommand_from add" -l name-ur -x
complete -c minar -n "__fish_seen_subcommand_from view; and __fish_seen_subcommand_from add" -l path -x
complete -c minar -n "__fish_seen_subcommand_from view; and __fish_seen_subcommand_from add" -l query -x
complete -c minar -n "__fish_seen_subcommand_from view; and __fish_seen_subcommand_from add" -l place -x
complete -c minar -n "__fish_seen_subcommand_from view; and not __fish_seen_subcommand_from add ls rm set share" -a ls -d 'Saved views in my menu'
complete -c minar -n "__fish_seen_subcommand_from view; and not __fish_seen_subcommand_from add ls rm set share" -a rm -d 'Remove a saved view'
complete -c minar -n "__fish_seen_subcommand_from view; and not __fish_seen_subcommand_from add ls rm set share" -a set -d 'Rename a saved view, change its filter or place'
complete -c minar -n "__fish_seen_subcommand_from view; and __fish_seen_subcommand_from set" -l name-en -x
complete -c minar -n "__fish_seen_subcommand_from view; and __fish_seen_subcommand_from set" -l name-ur -x
complete -c minar -n "__fish_seen_subcommand_from view; and __fish_seen_subcommand_from set" -l query -x
complete -c minar -n "__fish_seen_subcommand_from view; and __fish_seen_subcommand_from set" -l place -x
complete -c minar -n "__fish_seen_subcommand_from view; and not __fish_seen_subcommand_from add ls rm set share" -a share -d 'Share a saved view with the organisation or a role'
complete -c minar -n "__fish_seen_subcommand_from view; and __fish_seen_subcommand_from share" -l whom -x -a 'me organisation role'
complete -c minar -n "__fish_seen_subcommand_from view; and __fish_seen_subcommand_from share" -l role -x -a 'reader analyst org_admin coordinator auditor admin'
complete -c minar -l data -r
complete -c minar -l realm -r
complete -c minar -l json
complete -c minar -l jsonl
complete -c minar -l csv
complete -c minar -l ui-lang -r
complete -c minar -l no-input
