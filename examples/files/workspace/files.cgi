#!/bin/sh
# The web file manager of a workspace: one directory, in a browser. Runs as the workspace's user, under busybox httpd.
#
#   GET  files.cgi             the list of files
#   GET  files.cgi?get=NAME    one file
#   POST files.cgi?put=NAME    stores the body as that file, at most 64 MiB
#
# WORKSPACE_FILES is the directory. Names are plain names: no slash, no leading dot.
set -eu
directory=${WORKSPACE_FILES:?}
query=${QUERY_STRING:-}
limit=67108864

respond() { # STATUS TYPE
	printf 'Status: %s\r\nContent-Type: %s\r\nX-Content-Type-Options: nosniff\r\n\r\n' "$1" "$2"
}

fail() { # STATUS MESSAGE
	respond "$1" text/plain
	printf '%s\n' "$2"
	exit 0
}

# The name in the query, decoded and judged, in $name.
take_name() { # ENCODED
	name=$(busybox httpd -d "$1")
	case $name in
	'' | .* | */* | *[[:cntrl:]]*) fail '400 Bad Request' 'a plain name is expected' ;;
	esac
}

list() {
	respond '200 OK' 'text/html; charset=utf-8'
	cat <<-'END'
	<!DOCTYPE html>
	<meta charset="utf-8"><title>Workspace</title>
	<h1>Files</h1>
	<input type="file" id="file"> <button onclick="put()">Upload</button>
	<script>
	async function put() {
	  const file = document.getElementById('file').files[0];
	  if (!file) return;
	  const answer = await fetch('?put=' + encodeURIComponent(file.name), { method: 'POST', body: file });
	  if (answer.ok) location.reload(); else alert(await answer.text());
	}
	</script>
	<ul>
	END
	# One awk for the whole list: every process costs. Escapes names for URLs byte by byte, and for HTML.
	for path in "$directory"/*; do
		[ -f "$path" ] && printf '%s\n' "${path##*/}"
	done | LC_ALL=C busybox awk '
		BEGIN { for (i = 1; i < 256; i++) code[sprintf("%c", i)] = i }
		{
			url = ""
			for (i = 1; i <= length($0); i++) {
				c = substr($0, i, 1)
				url = url (c ~ /[A-Za-z0-9._-]/ ? c : sprintf("%%%02X", code[c]))
			}
			gsub(/&/, "\\&amp;"); gsub(/</, "\\&lt;"); gsub(/>/, "\\&gt;"); gsub(/"/, "\\&quot;")
			printf "<li><a href=\"?get=%s\">%s</a></li>\n", url, $0
		}'
	printf '</ul>\n'
}

case ${REQUEST_METHOD:-GET}:$query in
GET:)
	list
	;;
GET:get=*)
	take_name "${query#get=}"
	[ -f "$directory/$name" ] || fail '404 Not Found' 'no such file'
	respond '200 OK' application/octet-stream
	cat "$directory/$name"
	;;
POST:put=*)
	take_name "${query#put=}"
	length=${CONTENT_LENGTH:-}
	case $length in
	'' | *[!0-9]* | ?????????*) fail '411 Length Required' "at most $limit bytes are expected" ;;
	esac
	[ "$length" -le "$limit" ] || fail '413 Content Too Large' "at most $limit bytes are expected"
	part=$(mktemp "$directory/.upload.XXXXXX")
	trap 'rm -f "$part"' EXIT
	head -c "$length" >"$part"
	[ "$(wc -c <"$part")" -eq "$length" ] || fail '400 Bad Request' 'the upload was cut off'
	chmod 0644 "$part"
	mv "$part" "$directory/$name"
	fail '200 OK' stored
	;;
*)
	fail '400 Bad Request' 'GET, GET ?get=NAME or POST ?put=NAME is expected'
	;;
esac
