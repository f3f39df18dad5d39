#!/usr/bin/env bash
# Create the one comment of iobound on a pull request, or update it: `comment.sh BODY.md`
#
#   BODY.md     what `--report markdown:BODY.md` wrote; its first line is the hidden marker
#   REPOSITORY  owner/name            (environment)
#   NUMBER      of the pull request   (environment)
#   GH_TOKEN    may write to pull requests: `permissions: pull-requests: write`
#   AUTHOR      who wrote the comment to update; github-actions[bot] unless it is given
#
# The body is data: it is handed over as a file, and stands in no command and no filter.
set -euo pipefail

body=${1:?usage: comment.sh BODY.md}
author=${AUTHOR:-github-actions[bot]}
most=65536 # characters that GitHub takes

if ! [[ ${REPOSITORY:-} =~ ^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$ ]]; then
  echo "comment.sh: REPOSITORY is no owner/name" >&2
  exit 2
fi
if ! [[ ${NUMBER:-} =~ ^[1-9][0-9]*$ ]]; then
  echo "comment.sh: NUMBER is no number of a pull request" >&2
  exit 2
fi
if [ -L "$body" ] || ! [ -f "$body" ]; then
  echo "comment.sh: there is no file $body" >&2
  exit 2
fi
marker=
IFS= read -r marker < "$body" || true
if ! [[ $marker =~ ^'<!-- iobound:'[a-z]+' -->'$ ]]; then
  echo "comment.sh: $body does not begin with the marker of an iobound report" >&2
  exit 2
fi
if [ "$(LC_ALL=C wc -c < "$body")" -gt "$most" ]; then
  echo "comment.sh: $body is longer than a comment may be" >&2
  exit 2
fi

# The comments of others may hold the marker, too: only one by the author is ours.
comment=$(
  gh api --paginate "repos/$REPOSITORY/issues/$NUMBER/comments?per_page=100" |
    jq -rs --arg marker "$marker" --arg author "$author" \
      '[.[][] | select(.user.login == $author and (.body // "" | startswith($marker))) | .id][0] // empty'
)
if [ -n "$comment" ]; then
  [[ $comment =~ ^[0-9]+$ ]]
  gh api --silent --method PATCH "repos/$REPOSITORY/issues/comments/$comment" -F "body=@$body"
  echo "updated comment $comment"
else
  gh api --silent --method POST "repos/$REPOSITORY/issues/$NUMBER/comments" -F "body=@$body"
  echo "created a comment"
fi
