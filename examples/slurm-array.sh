#!/bin/bash
# A scan as a Slurm job array: each task reads one part of the tree, the last job makes the report of all.
#
#     sbatch --array=1-8 slurm-array.sh TREE FOLDER
#
# TREE and FOLDER must be seen by every node; the report is FOLDER/report.json. More words are options of ringfence
# extract, such as -p BUILD. A task that failed runs again with scontrol requeue; the merge waits for it.
#SBATCH --job-name=ringfence --output=ringfence-%A-%a.log --cpus-per-task=1
set -euo pipefail
tree=$1 folder=$2
shift 2
mkdir -p "$folder"
ringfence extract "$tree" "$@" --quiet --no-cache -j "$SLURM_CPUS_PER_TASK" \
  --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" -o "$folder/$SLURM_ARRAY_TASK_ID.facts"
if [ "$SLURM_ARRAY_TASK_ID" = 1 ]; then
  sbatch --dependency="afterok:$SLURM_ARRAY_JOB_ID" --output=ringfence-merge.log \
    --wrap "ringfence merge --format json --allow-incomplete -o '$folder/report.json' '$folder'/*.facts"
fi
