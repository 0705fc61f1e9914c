/* forget.c - every way in of a person who is erased goes: sessions, links, password, authenticator,
 * passkeys, account of the identity provider, user of this machine, and when the person was here
 * last. Keys are records; who revokes them is the office's. Writer thread. */
#include "access/auth/auth.h"
#include "gen/access/auth/queries.h"
#include "store/store.h"

err auth_forget(struct txn *t, int64_t person)
{
    TRY(session_remove_person(t, &(session_remove_person_args){ .person = person }, NULL));
    TRY(password_drop(t, &(password_drop_args){ .person = person }, NULL));
    TRY(passkey_drop_all(t, &(passkey_drop_all_args){ .person = person }, NULL));
    TRY(identity_drop(t, &(identity_drop_args){ .person = person }, NULL));
    TRY(factor_forget(t, &(factor_forget_args){ .person = person }, NULL));
    TRY(link_forget(t, &(link_forget_args){ .person = person }, NULL));
    TRY(oidc_flow_forget(t, &(oidc_flow_forget_args){ .person = person }, NULL));
    TRY(local_user_forget(t, &(local_user_forget_args){ .person = person }, NULL));
    return seen_forget(t, &(seen_forget_args){ .person = person }, NULL);
}
