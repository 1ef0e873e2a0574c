# Copy to a place outside of the repository and set everything. Nothing in it is secret.
# For account: registry and domain. For an environment: all but registry.
registry      = "acme"
domain        = "example.com"
host          = "todo.example.com"
repository    = "registry.digitalocean.com/acme/todo-app" # what account printed
backup_bucket = "acme-todo-prod-backups"
files_bucket  = "acme-todo-prod-files" # empty: nobody can attach files to tasks
alert_emails  = ["ops@example.com"]
# After the first deployment: kubectl -n todo get gateway todo-app -o jsonpath='{.status.addresses[0].value}'
public_address = ""
