"""From a folder or an archive to a chart, as helm reads it: links, .helmignore, limits."""
