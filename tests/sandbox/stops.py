"""The stops of a tour that asks for everything that the box answers, each where what it asks for is there.

A line says who asks, what GitHub answers, what is asked (`…` is the repository's address, `$name` a place that is known),
with which body, and which places are known from then on (`name=field.of.the.answer`).
"""

ARRIVING = """
# hooks
admin 201 POST …/hooks {"name": "web", "active": true, "events": ["*"], "config": {"url": "$receiver/hook", "content_type": "json", "secret": "x"}} hook=id
admin 201 POST …/hooks {"events": ["push"], "config": {"url": "$receiver/more"}}
app 200 PATCH /app/hook/config {"url": "$receiver/app", "content_type": "json", "secret": "x", "insecure_ssl": "0"}
app 201 POST /app/installations/$installation/access_tokens {} token=token
app 201 POST /app/installations/$installation/access_tokens {"permissions": {"contents": "read"}, "repositories": ["infrastructure"], "repository_ids": []}

# objects, branches, tags, files
installation 200 GET …/branches/$main main_sha=commit.sha
installation 201 POST …/git/blobs {"content": "one\\n", "encoding": "utf-8"} blob=sha
installation 201 POST …/git/trees {"base_tree": "$main_sha", "tree": [{"path": "one.txt", "mode": "100644", "type": "blob", "sha": "$blob"}, {"path": "more.txt", "mode": "100644", "type": "blob", "content": "1\\n2\\n3\\n"}]} tree=sha
installation 201 POST …/git/commits {"message": "One", "tree": "$tree", "parents": ["$main_sha"], "author": {"name": "A", "email": "a@example.com"}, "committer": {"name": "C", "email": "c@example.com"}} commit=sha
requester 201 POST …/git/refs {"ref": "refs/heads/one", "sha": "$commit"}
requester 201 POST …/git/refs {"ref": "refs/heads/two", "sha": "$commit"}
requester 201 POST …/git/refs {"ref": "refs/heads/guarded", "sha": "$commit"}
requester 201 POST …/git/refs {"ref": "refs/heads/queued", "sha": "$main_sha"}
requester 201 POST …/git/refs {"ref": "refs/heads/leaving", "sha": "$main_sha"}
requester 201 POST …/git/refs {"ref": "refs/tags/v1", "sha": "$main_sha"}
requester 201 PUT …/contents/$file {"message": "Two", "content": "dHdvCg==", "branch": "two", "author": {"name": "A", "email": "a@example.com"}, "committer": {"name": "C", "email": "c@example.com"}} file_sha=content.sha
requester 201 PUT …/contents/$aside {"message": "Aside", "content": "YXNpZGUK"}

# teams, collaborators, forks
admin 200 GET /orgs/$org org_id=id
admin 201 POST /orgs/$org/teams {"name": "Night watch", "description": "By night", "maintainers": ["reviewer"], "repo_names": ["acme/infrastructure"]} watch=slug watch_id=id
admin 200 PUT /orgs/$org/teams/$watch/memberships/$person {"role": "member"}
admin 204 PUT /orgs/$org/teams/$team/repos/$owner/$repo {"permission": "triage"}
admin 204 PUT …/collaborators/$person {"permission": "push"}
guest 202 POST …/forks {"default_branch_only": true}
admin 202 POST …/forks {"organization": "acme", "name": "second"} second=name second_id=id
admin 201 PUT /repos/$owner/$second/collaborators/$reader {"permission": "pull"}
admin 204 PUT /organizations/$org_id/team/$watch_id/repos/$owner/$second {"permission": "pull"}
admin 200 PUT /organizations/$org_id/team/$watch_id/memberships/$other {"role": "maintainer"}

# pulls, and what is said of them
requester 201 POST …/pulls {"title": "One", "body": "Because.", "head": "one", "base": "main", "draft": false, "maintainer_can_modify": true} pull=number head=head.sha node=node_id
requester 201 POST …/pulls {"title": "Two", "head": "two", "base": "main", "draft": true} draft=number
requester 201 POST …/pulls {"title": "Two, in turn", "head": "two", "base": "queued"} third=node_id
requester 201 POST …/labels {"name": "wish", "color": "00ff00", "description": "Somebody's"} label=name
requester 200 POST …/issues/$pull/labels {"labels": ["wish", "more"]}
requester 200 PUT …/issues/$draft/labels {"labels": ["wish", "less"]}
requester 201 POST …/issues/$pull/comments {"body": "Please."} comment=id
guest 201 POST …/issues/$pull/comments {"body": "Why?"}
requester 201 POST …/commits/$commit/comments {"body": "Mine.", "path": "one.txt", "position": 1, "line": 1} remark=id
guest 201 POST …/commits/$commit/comments {"body": "Whose?"}
reviewer 200 POST …/pulls/$pull/reviews {"body": "Well.", "event": "COMMENT", "commit_id": "$head", "comments": [{"path": "more.txt", "line": 1, "body": "a"}, {"path": "more.txt", "position": 2, "body": "b"}]} review=id
reviewer 200 POST …/pulls/$pull/reviews {"event": "APPROVE"} approval=id
admin 200 POST …/pulls/$pull/reviews {"body": "Soon.", "comments": []} pending=id
controller 200 POST …/pulls/$pull/reviews {"body": "Never."} doomed=id
reviewer 201 POST …/pulls/$pull/comments {"body": "Here?", "commit_id": "$head", "path": "one.txt", "line": 1, "side": "RIGHT"} note=id
requester 201 POST …/pulls/$pull/comments/$note/replies {"body": "There."}
requester 201 POST …/pulls/$pull/requested_reviewers {"reviewers": ["controller"], "team_reviewers": ["platform"]}
guest 201 POST …/issues/$pull/reactions {"content": "eyes"}
requester 201 POST …/issues/$pull/reactions {"content": "heart"} reaction=id
guest 201 POST …/issues/comments/$comment/reactions {"content": "eyes"}
requester 201 POST …/issues/comments/$comment/reactions {"content": "heart"} on_comment=id
guest 201 POST …/pulls/comments/$note/reactions {"content": "eyes"}
requester 201 POST …/pulls/comments/$note/reactions {"content": "heart"} on_note=id
guest 201 POST …/comments/$remark/reactions {"content": "eyes"}
requester 201 POST …/comments/$remark/reactions {"content": "heart"} on_remark=id
installation 201 POST …/statuses/$head {"state": "pending", "context": "plan", "description": "Soon", "target_url": "https://example.com/"}
installation 201 POST …/statuses/$head {"state": "success"}

# a protected branch
admin 200 PUT …/branches/$guarded/protection {"required_status_checks": {"strict": true, "contexts": ["plan"]}, "enforce_admins": false, "required_pull_request_reviews": {"required_approving_review_count": 2}, "restrictions": null, "required_linear_history": true, "allow_force_pushes": false, "allow_deletions": false, "lock_branch": false}

# a merge queue
admin 201 POST …/rulesets {"name": "Queue", "target": "branch", "enforcement": "active", "bypass_actors": [{"actor_id": 5, "actor_type": "RepositoryRole", "bypass_mode": "always"}], "conditions": {"ref_name": {"include": ["refs/heads/queued"], "exclude": []}}, "rules": [{"type": "merge_queue", "parameters": {"check_response_timeout_minutes": 60, "grouping_strategy": "ALLGREEN", "max_entries_to_build": 5, "max_entries_to_merge": 5, "merge_method": "MERGE", "min_entries_to_merge": 1, "min_entries_to_merge_wait_minutes": 5}}, {"type": "required_status_checks", "parameters": {"required_status_checks": [], "strict_required_status_checks_policy": false}}]} ruleset=id
admin 201 POST …/rulesets {"name": "Nothing", "enforcement": "disabled"}
"""

STAYING = """
# people, organisations, teams
guest 200 GET /user
requester 200 GET /user/repos
nobody 200 GET /users/$person
nobody 200 GET /rate_limit
admin 200 GET /orgs/$org/installations
requester 200 GET /orgs/$org/members
requester 204 GET /orgs/$org/members/$person
requester 200 GET /orgs/$org/memberships/$person
requester 200 GET /orgs/$org/teams
requester 200 GET /orgs/$org/teams/$watch
requester 200 GET /orgs/$org/teams/$watch/members
requester 200 GET /orgs/$org/teams/$watch/memberships/$person
requester 200 GET /orgs/$org/teams/$watch/repos
requester 204 GET /orgs/$org/teams/$watch/repos/$owner/$repo
requester 200 GET /organizations/$org_id/team/$watch_id
requester 200 GET /organizations/$org_id/team/$watch_id/members
requester 204 GET /organizations/$org_id/team/$watch_id/members/$person
requester 200 GET /organizations/$org_id/team/$watch_id/memberships/$person
requester 200 GET /organizations/$org_id/team/$watch_id/repos
requester 204 GET /organizations/$org_id/team/$watch_id/repos/$owner/$repo

# the repository
guest 200 GET …
admin 200 PATCH … {"description": "All of it", "default_branch": "main", "allow_merge_commit": true, "allow_squash_merge": true, "allow_rebase_merge": true, "allow_update_branch": true, "delete_branch_on_merge": false}
admin 200 GET …/teams
requester 200 GET …/collaborators
requester 204 GET …/collaborators/$person
requester 200 GET …/collaborators/$person/permission
guest 200 GET …/forks
guest 200 GET …/branches
guest 200 GET …/codeowners/errors
guest 200 GET …/commits
guest 200 GET …/commits/$commit
guest 200 GET …/commits/$commit/comments
guest 200 GET …/commits/$commit/pulls
guest 200 GET …/commits/$head/status
guest 200 GET …/commits/$head/statuses
guest 200 GET …/statuses/$head
guest 200 GET …/compare/$ends
guest 200 GET …/contents
guest 200 GET …/contents/$aside
guest 200 GET …/git/blobs/$blob
guest 200 GET …/git/trees/$tree
guest 200 GET …/git/commits/$commit
guest 200 GET …/git/ref/$one
guest 200 GET …/git/refs/$one
guest 200 GET …/git/matching-refs/$heads
requester 200 PATCH …/git/refs/$leaving {"sha": "$commit", "force": false}
requester 200 PATCH …/git/refs/$two {"sha": "$main_sha", "force": true}
requester 200 PATCH …/git/refs/$two {"sha": "$commit", "force": true}
requester 201 PUT …/contents/$file {"message": "Two", "content": "dHdvCg==", "branch": "two"} file_sha=content.sha

# rulesets
guest 200 GET …/rulesets
guest 200 GET …/rulesets/$ruleset
guest 200 GET …/rules/branches/$queued
admin 200 PUT …/rulesets/$ruleset {"name": "The queue", "enforcement": "active"}

# what is said
guest 200 GET …/comments
guest 200 GET …/comments/$remark
requester 200 PATCH …/comments/$remark {"body": "Ours."}
guest 200 GET …/comments/$remark/reactions
guest 200 GET …/issues
guest 200 GET …/issues/$pull
requester 200 PATCH …/issues/$pull {"title": "One", "body": "So.", "state": "open", "labels": ["wish", "more"]}
guest 200 GET …/issues/$pull/comments
requester 204 PUT …/issues/$pull/lock {"lock_reason": "too heated"}
requester 204 DELETE …/issues/$pull/lock
guest 200 GET …/issues/$pull/labels
guest 200 GET …/issues/$pull/reactions
guest 200 GET …/issues/comments
guest 200 GET …/issues/comments/$comment
requester 200 PATCH …/issues/comments/$comment {"body": "Thanks."}
guest 200 GET …/issues/comments/$comment/reactions
guest 200 GET …/labels
guest 200 GET …/labels/$label
requester 200 PATCH …/labels/$label {"new_name": "Wish", "color": "0000ff", "description": "Everybody's"}
guest 200 GET …/pulls
guest 200 GET …/pulls/$pull
requester 200 PATCH …/pulls/$pull {"title": "The one", "body": "Because.", "base": "main", "state": "open", "maintainer_can_modify": false}
guest 200 GET …/pulls/$pull/files
guest 200 GET …/pulls/$draft/commits
guest 200 GET …/pulls/$pull/comments
guest 200 GET …/pulls/comments
guest 200 GET …/pulls/comments/$note
reviewer 200 PATCH …/pulls/comments/$note {"body": "Here!"}
guest 200 GET …/pulls/comments/$note/reactions
guest 200 GET …/pulls/$pull/requested_reviewers
guest 200 GET …/pulls/$pull/reviews
guest 200 GET …/pulls/$pull/reviews/$review
guest 200 GET …/pulls/$pull/reviews/$review/comments
reviewer 200 PUT …/pulls/$pull/reviews/$review {"body": "Well?"}
admin 200 POST …/pulls/$pull/reviews/$pending/events {"body": "Now.", "event": "COMMENT"}
admin 200 PUT …/pulls/$pull/reviews/$approval/dismissals {"message": "Too fast."}
requester 200 POST /graphql {"query": "mutation($$id: ID!) { convertPullRequestToDraft(input: {pullRequestId: $$id}) { clientMutationId } }", "variables": {"id": "$node"}, "operationName": null}
requester 200 POST /graphql {"query": "mutation($$id: ID!) { markPullRequestReadyForReview(input: {pullRequestId: $$id}) { clientMutationId } }", "variables": {"id": "$node"}}

# the protected branch
admin 200 GET …/branches/$guarded/protection
admin 200 GET …/branches/$guarded/protection/enforce_admins
admin 200 POST …/branches/$guarded/protection/enforce_admins
admin 404 GET …/branches/$guarded/protection/restrictions
admin 200 GET …/branches/$guarded/protection/required_pull_request_reviews
admin 200 PATCH …/branches/$guarded/protection/required_pull_request_reviews {"required_approving_review_count": 1, "dismiss_stale_reviews": true, "require_code_owner_reviews": true, "require_last_push_approval": false}
admin 200 GET …/branches/$guarded/protection/required_status_checks
admin 200 PATCH …/branches/$guarded/protection/required_status_checks {"strict": false, "contexts": ["plan"], "checks": []}
admin 200 GET …/branches/$guarded/protection/required_status_checks/contexts
admin 200 POST …/branches/$guarded/protection/required_status_checks/contexts {"contexts": ["lint"]}
admin 200 PUT …/branches/$guarded/protection/required_status_checks/contexts {"contexts": ["plan", "lint"]}

# hooks and Apps
admin 200 GET …/hooks
admin 200 GET …/hooks/$hook
admin 200 PATCH …/hooks/$hook {"active": true, "events": ["push"], "add_events": ["*"], "remove_events": ["push"], "config": {"url": "$receiver/hook", "content_type": "json"}}
admin 200 GET …/hooks/$hook/config
admin 200 PATCH …/hooks/$hook/config {"url": "$receiver/hook", "content_type": "json", "secret": "y", "insecure_ssl": "0"}
admin 204 POST …/hooks/$hook/pings
admin 200 GET …/hooks/$hook/deliveries delivery=0.id
admin 200 GET …/hooks/$hook/deliveries/$delivery
admin 202 POST …/hooks/$hook/deliveries/$delivery/attempts
app 200 GET /app
nobody 200 GET /apps/$app
app 200 GET /app/hook/config
app 200 GET /app/hook/deliveries to_app=0.id
app 200 GET /app/hook/deliveries/$to_app
app 202 POST /app/hook/deliveries/$to_app/attempts
app 200 GET /app/installations
app 200 GET /app/installations/$installation
app 200 GET /orgs/$org/installation
app 200 GET …/installation
installation 200 GET /installation/repositories
admin 204 PUT /user/installations/$installation/repositories/$second_id
"""

LEAVING = """
requester 204 DELETE …/issues/$pull/reactions/$reaction
requester 204 DELETE …/issues/comments/$comment/reactions/$on_comment
requester 204 DELETE …/pulls/comments/$note/reactions/$on_note
requester 204 DELETE …/comments/$remark/reactions/$on_remark
requester 204 DELETE …/issues/comments/$comment
requester 204 DELETE …/comments/$remark
reviewer 204 DELETE …/pulls/comments/$note
controller 200 DELETE …/pulls/$pull/reviews/$doomed
requester 200 DELETE …/pulls/$pull/requested_reviewers {"reviewers": ["controller"], "team_reviewers": ["platform"]}
requester 200 DELETE …/issues/$pull/labels/$more
requester 204 DELETE …/issues/$pull/labels
requester 204 DELETE …/labels/$label
requester 200 DELETE …/contents/$file {"message": "Two no more", "sha": "$file_sha", "branch": "two", "author": {"name": "A", "email": "a@example.com"}, "committer": {"name": "C", "email": "c@example.com"}}
requester 202 PUT …/pulls/$pull/update-branch {"expected_head_sha": "$head"}
requester 200 GET …/pulls/$pull head=head.sha
reviewer 200 PUT …/pulls/$pull/merge {"merge_method": "squash", "commit_title": "One", "commit_message": "", "sha": "$head"}
guest 204 GET …/pulls/$pull/merge
requester 201 POST …/merges {"base": "main", "head": "leaving", "commit_message": "All"}
requester 204 DELETE …/git/refs/$leaving
reviewer 200 POST /graphql {"query": "mutation($$id: ID!) { enqueuePullRequest(input: {pullRequestId: $$id}) { mergeQueueEntry { position } } }", "variables": {"id": "$third"}}
admin 204 DELETE …/rulesets/$ruleset
requester 200 PATCH …/pulls/$draft {"state": "closed"}
requester 200 PATCH …/pulls/$draft {"state": "open"}
admin 200 DELETE …/branches/$guarded/protection/required_status_checks/contexts {"contexts": ["lint"]}
admin 204 DELETE …/branches/$guarded/protection/required_status_checks
admin 204 DELETE …/branches/$guarded/protection/required_pull_request_reviews
admin 204 DELETE …/branches/$guarded/protection/enforce_admins
admin 204 DELETE …/branches/$guarded/protection
admin 204 DELETE /user/installations/$installation/repositories/$second_id
installation 204 DELETE /installation/token
app 204 PUT /app/installations/$installation/suspended
app 204 DELETE /app/installations/$installation/suspended
app 204 DELETE /app/installations/$installation
admin 204 DELETE /organizations/$org_id/team/$watch_id/memberships/$other
admin 204 DELETE /organizations/$org_id/team/$watch_id/repos/$owner/$repo
admin 204 DELETE /orgs/$org/teams/$watch/repos/$owner/$second
admin 204 DELETE /orgs/$org/teams/$watch/memberships/$person
admin 204 DELETE …/collaborators/$person
admin 204 DELETE …/hooks/$hook
admin 204 DELETE …
"""
